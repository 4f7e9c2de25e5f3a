/* SPDX-License-Identifier: MIT */
/*
 * Offsets of C structures for i386 assembly. Compiled to assembly only; the
 * build makes <asm/asm-offsets.h> of it.
 */
#include "kernel/boot_info.h"
#include "kernel/module/kbuild.h"
#include "kernel/sched/sched.h"
#include "trace/core/set.h"
#include <asm/cpu.h>
#include <asm/ptrace.h>

void asm_offsets(void);

void asm_offsets(void)
{
	OFFSET(PT_BX, struct pt_regs, bx);
	OFFSET(PT_CX, struct pt_regs, cx);
	OFFSET(PT_DX, struct pt_regs, dx);
	OFFSET(PT_SI, struct pt_regs, si);
	OFFSET(PT_DI, struct pt_regs, di);
	OFFSET(PT_BP, struct pt_regs, bp);
	OFFSET(PT_AX, struct pt_regs, ax);
	OFFSET(PT_SP, struct pt_regs, sp);
	OFFSET(PT_VECTOR, struct pt_regs, vector);
	OFFSET(PT_ERROR_CODE, struct pt_regs, error_code);
	OFFSET(PT_IP, struct pt_regs, ip);
	OFFSET(PT_CS, struct pt_regs, cs);
	OFFSET(PT_FLAGS, struct pt_regs, flags);
	DEFINE(PT_SIZE, sizeof(struct pt_regs));
	BLANK();
	OFFSET(TASK_THREAD_SP, struct task_struct, thread_sp);
	BLANK();
	OFFSET(FREGS_BP, struct ftrace_regs, bp);
	OFFSET(FREGS_CX, struct ftrace_regs, cx);
	OFFSET(FREGS_DX, struct ftrace_regs, dx);
	OFFSET(FREGS_AX, struct ftrace_regs, ax);
	OFFSET(FREGS_DIRECT, struct ftrace_regs, direct_tramp);
	OFFSET(FREGS_IP, struct ftrace_regs, ip);
	OFFSET(FREGS_PARENT, struct ftrace_regs, parent_ip);
	BLANK();
	OFFSET(SAVED_REGS_DI, struct ftrace_saved_regs, di);
	OFFSET(SAVED_REGS_SI, struct ftrace_saved_regs, si);
	OFFSET(SAVED_REGS_BX, struct ftrace_saved_regs, bx);
	OFFSET(SAVED_REGS_FLAGS, struct ftrace_saved_regs, flags);
	DEFINE(SAVED_REGS_SIZE, sizeof(struct ftrace_saved_regs));
	BLANK();
	OFFSET(CALLABLE_FUNC, struct ftrace_callable, func);
	OFFSET(SET_NR_CALLS, struct ftrace_set, nr_calls);
	OFFSET(SET_DIRECT, struct ftrace_set, direct);
	OFFSET(SET_CALLS, struct ftrace_set, calls);
	BLANK();
	OFFSET(CPU_CURRENT, struct i386_cpu, current_task);
	OFFSET(TASK_PREEMPT_COUNT, struct task_struct, preempt_count);
	OFFSET(TASK_NEED_RESCHED, struct task_struct, need_resched);
	OFFSET(TASK_TRACE_RECURSION, struct task_struct, trace_recursion);
	DEFINE(RECURSION_ASSIST_BIT, 1 << TRACE_RECURSION_ASSIST);
}
