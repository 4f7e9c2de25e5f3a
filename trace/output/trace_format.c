/* SPDX-License-Identifier: MIT */
/*
 * The formats of the entries that this kernel records (trace_format.h). Names, types and print
 * formats are Linux's, on which its tools rely; offsets and sizes come from the structures.
 */
#include "trace/output/trace_format.h"
#include "trace/output/trace_entries.h"

#define IS_SIGNED(type) ((type)-1 < (type)1)
#define FIELD(entry, ctype, member)						\
	{ #ctype, #member, offsetof(struct entry, member),			\
	  sizeof(((struct entry *)0)->member), IS_SIGNED(ctype) }
/* A pointer, which has no sign; and what fills the rest of an event, or an array in it. */
#define POINTER(entry, ctype, member)						\
	{ #ctype, #member, offsetof(struct entry, member),			\
	  sizeof(((struct entry *)0)->member), false }
#define ARRAY(entry, ctype, member, text, nr)					\
	{ #ctype, text, offsetof(struct entry, member), (nr) * sizeof(ctype), IS_SIGNED(ctype) }
#define COMMON(ctype, name, member)						\
	{ #ctype, name, offsetof(struct trace_entry, member),			\
	  sizeof(((struct trace_entry *)0)->member), IS_SIGNED(ctype) }

#define STACK_SHOWN 8			/* addresses that Linux's format speaks of */

const struct trace_format_field trace_common_fields[] = {
	COMMON(unsigned short, "common_type", type),
	COMMON(unsigned char, "common_flags", flags),
	COMMON(unsigned char, "common_preempt_count", preempt_count),
	COMMON(int, "common_pid", pid),
	{ .name = NULL },
};

/* A switch and a wake-up have the same fields, and differ in the sign between the two threads. */
#define CTX_SWITCH_FORMAT(name_, type_, sign)						\
	{ name_, type_, {								\
		FIELD(ctx_switch_entry, unsigned int, prev_pid),			\
		FIELD(ctx_switch_entry, unsigned int, next_pid),			\
		FIELD(ctx_switch_entry, unsigned int, next_cpu),			\
		FIELD(ctx_switch_entry, unsigned char, prev_prio),			\
		FIELD(ctx_switch_entry, unsigned char, prev_state),			\
		FIELD(ctx_switch_entry, unsigned char, next_prio),			\
		FIELD(ctx_switch_entry, unsigned char, next_state),			\
	}, "\"%u:%u:%u  " sign " %u:%u:%u [%03u]\", REC->prev_pid, REC->prev_prio, "	\
	   "REC->prev_state, REC->next_pid, REC->next_prio, REC->next_state, REC->next_cpu" }

const struct trace_format trace_formats[] = {
	{ "function", TRACE_FN, {
		FIELD(ftrace_entry, unsigned long, ip),
		FIELD(ftrace_entry, unsigned long, parent_ip),
	}, "\" %ps <-- %ps\", (void *)REC->ip, (void *)REC->parent_ip" },
	CTX_SWITCH_FORMAT("context_switch", TRACE_CTX, "==>"),
	CTX_SWITCH_FORMAT("wakeup", TRACE_WAKE, "==+"),
	{ "kernel_stack", TRACE_STACK, {
		FIELD(stack_entry, int, size),
		ARRAY(stack_entry, unsigned long, caller, "caller[8]", STACK_SHOWN),
	}, "\"\\t=> %ps\\n\\t=> %ps\\n\\t=> %ps\\n\", (void *)REC->caller[0], "
	   "(void *)REC->caller[1], (void *)REC->caller[2]" },
	{ "print", TRACE_PRINT, {
		FIELD(print_entry, unsigned long, ip),
		ARRAY(print_entry, char, buf, "buf[]", 0),
	}, "\"%ps: %s\", (void *)REC->ip, REC->buf" },
	{ "bprint", TRACE_BPRINT, {
		FIELD(bprint_entry, unsigned long, ip),
		POINTER(bprint_entry, const char *, fmt),
		ARRAY(bprint_entry, u32, buf, "buf[]", 0),
	}, "\"%ps: %s\", (void *)REC->ip, REC->fmt" },
	{ "funcgraph_entry", TRACE_GRAPH_ENT, {
		FIELD(ftrace_graph_ent_entry, unsigned long, func),
		FIELD(ftrace_graph_ent_entry, unsigned long, depth),
	}, "\"--> %ps (%d)\", (void *)REC->func, REC->depth" },
	{ "fgraph_retaddr_entry", TRACE_GRAPH_RETADDR_ENT, {
		FIELD(ftrace_graph_retaddr_entry, unsigned long, func),
		FIELD(ftrace_graph_retaddr_entry, unsigned long, depth),
		FIELD(ftrace_graph_retaddr_entry, unsigned long, retaddr),
	}, "\"--> %ps (%d) <- %ps\", (void *)REC->func, REC->depth, (void *)REC->retaddr" },
	{ "funcgraph_exit", TRACE_GRAPH_RET, {
		FIELD(ftrace_graph_ret_entry, unsigned long, func),
		FIELD(ftrace_graph_ret_entry, unsigned long, retval),
		FIELD(ftrace_graph_ret_entry, int, depth),
		FIELD(ftrace_graph_ret_entry, unsigned int, overrun),
		FIELD(ftrace_graph_ret_entry, unsigned long long, calltime),
		FIELD(ftrace_graph_ret_entry, unsigned long long, rettime),
	}, "\"<-- %ps (%d) (start: %llx  end: %llx) over: %u retval: %lx\", (void *)REC->func, "
	   "REC->depth, REC->calltime, REC->rettime, REC->overrun, REC->retval" },
	{ "raw_data", TRACE_RAW_DATA, {
		FIELD(raw_data_entry, unsigned int, id),
		ARRAY(raw_data_entry, char, buf, "buf[]", 0),
	}, "\"id:%04x %08x\", REC->id, (int)REC->buf[0]" },
	{ "func_repeats", TRACE_FUNC_REPEATS, {
		FIELD(func_repeats_entry, unsigned long, ip),
		FIELD(func_repeats_entry, unsigned long, parent_ip),
		FIELD(func_repeats_entry, u16, count),
		FIELD(func_repeats_entry, u16, top_delta_ts),
		FIELD(func_repeats_entry, u32, bottom_delta_ts),
	}, "\" %ps <-%ps\\t(repeats:%u  delta: -%llu)\", (void *)REC->ip, "
	   "(void *)REC->parent_ip, REC->count, "
	   "((unsigned long long)REC->top_delta_ts << 32) | REC->bottom_delta_ts" },
	{ .name = NULL },
};
