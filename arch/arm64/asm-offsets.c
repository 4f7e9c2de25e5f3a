/* SPDX-License-Identifier: MIT */
/* Offsets of C structures for this port's assembly: becomes <asm/asm-offsets.h>. */
#include <asm/ftrace.h>
#include "arch/arm64/arm64.h"
#include "kernel/arch.h"
#include "kernel/module/kbuild.h"
#include "kernel/sched/sched.h"
#include "trace/ftrace.h"

void asm_offsets(void);

void asm_offsets(void)
{
	OFFSET(PT_X0, struct pt_regs, regs[0]);
	OFFSET(PT_FP, struct pt_regs, regs[29]);
	OFFSET(PT_LR, struct pt_regs, regs[30]);
	OFFSET(PT_SP, struct pt_regs, sp);
	OFFSET(PT_PC, struct pt_regs, pc);
	OFFSET(PT_PSTATE, struct pt_regs, pstate);
	OFFSET(PT_RECORD, struct pt_regs, record);
	DEFINE(PT_SIZE, sizeof(struct pt_regs));
	BLANK();
	OFFSET(CPU_OVERFLOW_STACK, struct arm64_cpu, overflow_stack);
	OFFSET(CPU_IDLE_STACK, struct arm64_cpu, idle_stack);
	OFFSET(CPU_IDLE, struct arm64_cpu, idle);
	DEFINE(CPU_SIZE, sizeof(struct arm64_cpu));
	BLANK();
	OFFSET(TASK_PREEMPT_COUNT, struct task_struct, preempt_count);
	OFFSET(TASK_THREAD_SP, struct task_struct, thread_sp);
	DEFINE(SWITCH_SIZE, sizeof(struct switch_frame));
	BLANK();
	OFFSET(FREGS_X0, struct ftrace_regs, regs[0]);
	OFFSET(FREGS_X2, struct ftrace_regs, regs[2]);
	OFFSET(FREGS_X4, struct ftrace_regs, regs[4]);
	OFFSET(FREGS_X6, struct ftrace_regs, regs[6]);
	OFFSET(FREGS_X8, struct ftrace_regs, regs[8]);
	OFFSET(FREGS_DIRECT, struct ftrace_regs, direct_tramp);
	OFFSET(FREGS_FRAME, struct ftrace_regs, frame);
	OFFSET(FREGS_PC, struct ftrace_regs, pc);
	OFFSET(FREGS_FP, struct ftrace_regs, fp);
	OFFSET(FREGS_LR, struct ftrace_regs, lr);
	DEFINE(FREGS_SIZE, sizeof(struct ftrace_regs));
	OFFSET(SAVED_X10, struct ftrace_saved_regs, regs[0]);
	OFFSET(SAVED_PSTATE, struct ftrace_saved_regs, pstate);
	DEFINE(SAVED_REGS_SIZE, sizeof(struct ftrace_saved_regs));
	OFFSET(CALLABLE_FUNC, struct ftrace_callable, func);
}
