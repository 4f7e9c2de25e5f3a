/* SPDX-License-Identifier: MIT */
/* Offsets of C structures for this port's assembly: becomes <asm/asm-offsets.h>. */
#include <asm/ftrace.h>
#include "arch/arm64/arm64.h"
#include "arch/arm64/site.h"
#include "arch/common/asm_offsets.h"
#include "boot/efi_boot.h"
#include "kernel/arch.h"

void asm_offsets(void);

void asm_offsets(void)
{
	common_offsets();
	PAIR(PT_X0_X1, struct pt_regs, regs[0], regs[1]);
	PAIR(PT_X2_X3, struct pt_regs, regs[2], regs[3]);
	PAIR(PT_X4_X5, struct pt_regs, regs[4], regs[5]);
	PAIR(PT_X6_X7, struct pt_regs, regs[6], regs[7]);
	PAIR(PT_X8_X9, struct pt_regs, regs[8], regs[9]);
	PAIR(PT_X10_X11, struct pt_regs, regs[10], regs[11]);
	PAIR(PT_X12_X13, struct pt_regs, regs[12], regs[13]);
	PAIR(PT_X14_X15, struct pt_regs, regs[14], regs[15]);
	PAIR(PT_X16_X17, struct pt_regs, regs[16], regs[17]);
	PAIR(PT_X18_X19, struct pt_regs, regs[18], regs[19]);
	PAIR(PT_X20_X21, struct pt_regs, regs[20], regs[21]);
	PAIR(PT_X22_X23, struct pt_regs, regs[22], regs[23]);
	PAIR(PT_X24_X25, struct pt_regs, regs[24], regs[25]);
	PAIR(PT_X26_X27, struct pt_regs, regs[26], regs[27]);
	PAIR(PT_X28_X29, struct pt_regs, regs[28], regs[29]);
	PAIR(PT_LR_SP, struct pt_regs, regs[30], sp);
	PAIR(PT_PC_PSTATE, struct pt_regs, pc, pstate);
	PAIR(PT_RECORD, struct pt_regs, record[0], record[1]);
	DEFINE(PT_SIZE, sizeof(struct pt_regs));
	BLANK();
	OFFSET(CPU_OVERFLOW_STACK, struct arm64_cpu, overflow_stack);
	OFFSET(CPU_IDLE_STACK, struct arm64_cpu, idle_stack);
	OFFSET(CPU_IDLE, struct arm64_cpu, idle);
	DEFINE(CPU_SIZE, sizeof(struct arm64_cpu));
	BLANK();
	ADJACENT(struct switch_frame, fp, lr);
	PAIR(SWITCH_X19_X20, struct switch_frame, regs[0], regs[1]);
	PAIR(SWITCH_X21_X22, struct switch_frame, regs[2], regs[3]);
	PAIR(SWITCH_X23_X24, struct switch_frame, regs[4], regs[5]);
	PAIR(SWITCH_X25_X26, struct switch_frame, regs[6], regs[7]);
	PAIR(SWITCH_X27_X28, struct switch_frame, regs[8], regs[9]);
	DEFINE(SWITCH_SIZE, sizeof(struct switch_frame));
	BLANK();
	DEFINE(AT_ENTRY, AT_ENTRY);
	DEFINE(IN_PARENT_RECORD, IN_PARENT_RECORD);
	DEFINE(IN_RECORDS, IN_RECORDS);
	DEFINE(LEAVING, LEAVING);
	DEFINE(SWAPPING, SWAPPING);
	DEFINE(AT_MCOUNT, AT_MCOUNT);
	DEFINE(AT_RETURN, AT_RETURN);
	DEFINE(IN_RETURN, IN_RETURN);
	DEFINE(RETURNED, RETURNED);
	DEFINE(RECORD_SIZE, sizeof(((struct pt_regs *)0)->record));
	BLANK();
	DEFINE(LITERAL_SIZE, LITERAL_SIZE);
	DEFINE(LITERAL_DISTANCE, LITERAL_DISTANCE);
	BLANK();
	PAIR(FREGS_X0_X1, struct ftrace_regs, regs[0], regs[1]);
	PAIR(FREGS_X2_X3, struct ftrace_regs, regs[2], regs[3]);
	PAIR(FREGS_X4_X5, struct ftrace_regs, regs[4], regs[5]);
	PAIR(FREGS_X6_X7, struct ftrace_regs, regs[6], regs[7]);
	PAIR(FREGS_X8_DIRECT, struct ftrace_regs, regs[8], direct_tramp);
	PAIR(FREGS_FRAME_PC, struct ftrace_regs, frame, pc);
	OFFSET(FREGS_PC, struct ftrace_regs, pc);
	PAIR(FREGS_FP_LR, struct ftrace_regs, fp, lr);
	DEFINE(FREGS_SIZE, sizeof(struct ftrace_regs));
	BLANK();
	PAIR(SAVED_X10_X11, struct ftrace_saved_regs, regs[0], regs[1]);
	PAIR(SAVED_X12_X13, struct ftrace_saved_regs, regs[2], regs[3]);
	PAIR(SAVED_X14_X15, struct ftrace_saved_regs, regs[4], regs[5]);
	PAIR(SAVED_X16_X17, struct ftrace_saved_regs, regs[6], regs[7]);
	PAIR(SAVED_X18_X19, struct ftrace_saved_regs, regs[8], regs[9]);
	PAIR(SAVED_X20_X21, struct ftrace_saved_regs, regs[10], regs[11]);
	PAIR(SAVED_X22_X23, struct ftrace_saved_regs, regs[12], regs[13]);
	PAIR(SAVED_X24_X25, struct ftrace_saved_regs, regs[14], regs[15]);
	PAIR(SAVED_X26_X27, struct ftrace_saved_regs, regs[16], regs[17]);
	PAIR(SAVED_X28_PSTATE, struct ftrace_saved_regs, regs[18], pstate);
	DEFINE(SAVED_REGS_SIZE, sizeof(struct ftrace_saved_regs));
	BLANK();
	PAIR(EFI_IMAGE_START_SIZE, struct efi_image, start, file_size);
	PAIR(EFI_IMAGE_MEMORY_HANDOFF, struct efi_image, memory_size, handoff);
	DEFINE(EFI_IMAGE_SIZE, sizeof(struct efi_image));
	PAIR(EFI_LAUNCH_IMAGE_TREE, struct efi_launch, image, tree);
	DEFINE(EFI_LAUNCH_SIZE, sizeof(struct efi_launch));
	BLANK();
	PAIR(RB_COMMIT_TAIL, struct ring_buffer_per_cpu, commit, tail);
	OFFSET(RB_STATE_LIMIT, struct ring_buffer_per_cpu, context);
	_Static_assert(offsetof(struct ring_buffer_per_cpu, record_disabled) + sizeof(u32) ==
		       offsetof(struct ring_buffer_per_cpu, sequence_limit) &&
		       offsetof(struct ring_buffer_per_cpu, context) + sizeof(u64) ==
		       offsetof(struct ring_buffer_per_cpu, sequence_limit),
		       "one LDP loads all three");
	_Static_assert(!offsetof(struct ring_buffer_per_cpu, commit), "STLR takes no offset");
	OFFSET(CPU_SEQUENCE_BUFFER, struct arm64_cpu, sequence_buffer);
	OFFSET(RB_MAX_CYCLES, struct ring_buffer_per_cpu, max_cycles);
	DEFINE(EVENT_TYPE_PID, RB_HEADER_SIZE);
	DEFINE(EVENT_FLAGS_SHIFT, TRACE_CTX_FLAGS_SHIFT);
	DEFINE(EVENT_DEPTH_SHIFT, TRACE_CTX_DEPTH_SHIFT);
	OFFSET(CPU_GRAPH_BUFFER, struct arm64_cpu, graph_buffer);
	OFFSET(TASK_TRACE_RECURSION, struct task_struct, trace_recursion);
	OFFSET(TASK_COUNT_RECURSION, struct task_struct, preempt_count);
	_Static_assert(offsetof(struct task_struct, preempt_count) % sizeof(u64) == 0 &&
		       offsetof(struct task_struct, preempt_count) + sizeof(u32) ==
		       offsetof(struct task_struct, trace_recursion) && PREEMPT_OFFSET == 1,
		       "one LDR loads both, and adding 1 counts");
	DEFINE(RECURSION_ASSIST_SHIFT, 32 + TRACE_RECURSION_ASSIST);
	PAIR(FRAME_RET_PLACE, struct graph_frame, ret, place);
	OFFSET(FRAME_FP, struct graph_frame, fp);
	ADJACENT(struct graph_frame, place, fp);
	ADJACENT(struct graph_frame, fp, trace.func);
	ADJACENT(struct graph_frame, trace.func, trace.depth);
	DEFINE(GRAPH_RECURSION_SHIFT, TRACE_RECURSION_GRAPH);
	_Static_assert(offsetof(struct graph_frame, first) % 8 == 0 &&
		       offsetof(struct graph_frame, first) + 4 ==
		       offsetof(struct graph_frame, users) &&
		       offsetof(struct graph_frame, first) + 6 ==
		       offsetof(struct graph_frame, data_end), "one load reads all three");
	_Static_assert(offsetof(struct graph_frame, trace.depth) + 4 ==
		       offsetof(struct graph_frame, trace.overrun) &&
		       offsetof(struct ftrace_graph_ret_entry, depth) + 4 ==
		       offsetof(struct ftrace_graph_ret_entry, overrun),
		       "one load and one store copy both");
	/*
	 * Storing the first pair makes room for all of the struct, and loading it gives that back.
	 */
	_Static_assert(!offsetof(struct ftrace_regs, regs) && !offsetof(struct switch_frame, fp) &&
		       !offsetof(struct ftrace_saved_regs, regs),
		       "sp is the address of the first pair");
}
