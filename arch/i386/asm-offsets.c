/* SPDX-License-Identifier: MIT */
/*
 * Offsets of C structures for i386 assembly. Compiled to assembly only; the build makes
 * <asm/asm-offsets.h> of it.
 */
#include "arch/common/asm_offsets.h"
#include "arch/i386/i386.h"
#include "arch/i386/site.h"
#include "arch/i386/switch_frame.h"
#include "kernel/boot_info.h"
#include "trace/core/recursion.h"
#include "trace/core/set.h"
#include "trace/core/stub.h"
#include <asm/cpu.h>
#include <asm/ptrace.h>

void asm_offsets(void);

void asm_offsets(void)
{
	common_offsets();
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
	/* Pushed by entry.S and the CPU. */
	ADJACENT(struct pt_regs, bx, cx);
	ADJACENT(struct pt_regs, cx, dx);
	ADJACENT(struct pt_regs, dx, si);
	ADJACENT(struct pt_regs, si, di);
	ADJACENT(struct pt_regs, di, bp);
	ADJACENT(struct pt_regs, bp, ax);
	ADJACENT(struct pt_regs, ax, sp);
	ADJACENT(struct pt_regs, sp, vector);
	ADJACENT(struct pt_regs, vector, error_code);
	ADJACENT(struct pt_regs, error_code, ip);
	ADJACENT(struct pt_regs, ip, cs);
	ADJACENT(struct pt_regs, cs, flags);
	BLANK();
	/* Pushed by switch.S. */
	ADJACENT(struct i386_switch_frame, di, si);
	ADJACENT(struct i386_switch_frame, si, bx);
	ADJACENT(struct i386_switch_frame, bx, bp);
	ADJACENT(struct i386_switch_frame, bp, ip);
	BLANK();
	OFFSET(START_STACK_TOP, struct i386_start, stack_top);
	OFFSET(START_EFER, struct i386_start, efer);
	BLANK();
	DEFINE(LITERAL_SIZE, LITERAL_SIZE);
	DEFINE(LITERAL_ALIGN, LITERAL_ALIGN);
	BLANK();
	OFFSET(FREGS_BP, struct ftrace_regs, bp);
	OFFSET(FREGS_CX, struct ftrace_regs, cx);
	OFFSET(FREGS_DX, struct ftrace_regs, dx);
	OFFSET(FREGS_AX, struct ftrace_regs, ax);
	OFFSET(FREGS_DIRECT, struct ftrace_regs, direct_tramp);
	OFFSET(FREGS_IP, struct ftrace_regs, ip);
	OFFSET(FREGS_PARENT, struct ftrace_regs, parent_ip);
	/* Pushed by the trampolines. */
	ADJACENT(struct ftrace_regs, bp, cx);
	ADJACENT(struct ftrace_regs, cx, dx);
	ADJACENT(struct ftrace_regs, dx, ax);
	ADJACENT(struct ftrace_regs, ax, direct_tramp);
	ADJACENT(struct ftrace_regs, direct_tramp, ip);
	ADJACENT(struct ftrace_regs, ip, parent_ip);
	ADJACENT(struct ftrace_saved_regs, di, si);
	ADJACENT(struct ftrace_saved_regs, si, bx);
	ADJACENT(struct ftrace_saved_regs, bx, flags);
	OFFSET(SAVED_DI, struct ftrace_saved_regs, di);
	OFFSET(SAVED_SI, struct ftrace_saved_regs, si);
	OFFSET(SAVED_BX, struct ftrace_saved_regs, bx);
	OFFSET(SAVED_FLAGS, struct ftrace_saved_regs, flags);
	DEFINE(SAVED_REGS_SIZE, sizeof(struct ftrace_saved_regs));
	BLANK();
	OFFSET(SET_NR_CALLS, struct ftrace_set, nr_calls);
	OFFSET(SET_DIRECT, struct ftrace_set, direct);
	OFFSET(SET_CALLS, struct ftrace_set, calls);
	OFFSET(SET_STUB, struct ftrace_set, stub);
	OFFSET(STUB_RETURN, struct direct_stub, jump);
	DEFINE(STUB_WORD, offsetof(struct direct_stub, word) - offsetof(struct direct_stub, jump));
	DEFINE(STUB_DIRECT,
	       offsetof(struct direct_stub, direct) - offsetof(struct direct_stub, jump));
	_Static_assert(sizeof(struct direct_stub) <= FTRACE_STUB_SIZE, "it fits into a slot");
	BLANK();
	OFFSET(CPU_CURRENT, struct i386_cpu, current_task);
	OFFSET(TASK_TRACE_RECURSION, struct task_struct, trace_recursion);
	DEFINE(RECURSION_ASSIST_BIT, 1 << TRACE_RECURSION_ASSIST);
	BLANK();
	OFFSET(RB_COMMIT, struct ring_buffer_per_cpu, commit);
	OFFSET(RB_TAIL, struct ring_buffer_per_cpu, tail);
	OFFSET(RB_RECORD_DISABLED, struct ring_buffer_per_cpu, record_disabled);
	OFFSET(RB_SEQUENCE_LIMIT, struct ring_buffer_per_cpu, sequence_limit);
	OFFSET(CPU_SEQUENCE_BUFFER, struct i386_cpu, sequence_buffer);
	DEFINE(FLAGS_IF, X86_FLAGS_IF);
	DEFINE(EVENT_TYPE, RB_HEADER_SIZE);
	DEFINE(EVENT_FLAGS, RB_HEADER_SIZE + offsetof(struct trace_entry, flags));
	DEFINE(EVENT_PREEMPT_COUNT, RB_HEADER_SIZE + offsetof(struct trace_entry, preempt_count));
	DEFINE(EVENT_PID, RB_HEADER_SIZE + offsetof(struct trace_entry, pid));
	OFFSET(CPU_GRAPH_BUFFER, struct i386_cpu, graph_buffer);
	OFFSET(FRAME_OVERRUN, struct graph_frame, trace.overrun);
	EVENT(EVENT_RETURN_OVERRUN, ftrace_graph_ret_entry, overrun);
	DEFINE(GRAPH_RECURSION_BIT, 1 << TRACE_RECURSION_GRAPH);
}
