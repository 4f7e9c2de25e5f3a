/* SPDX-License-Identifier: MIT */
/*
 * The contents of events in the ring buffer: Linux's entry types and layouts (docs/reference.md,
 * "Entries"), on which readers of trace_pipe_raw rely. Payloads are aligned to only 4 bytes. This
 * header does not depend on the kernel, so that programs on the host can use it.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

enum trace_type {
	TRACE_FN = 1,
	TRACE_CTX = 2,
	TRACE_WAKE = 3,
	TRACE_STACK = 4,
	TRACE_PRINT = 5,
	TRACE_BPRINT = 6,
	TRACE_GRAPH_RET = 10,
	TRACE_GRAPH_ENT = 11,
	TRACE_GRAPH_RETADDR_ENT = 12,	/* its number on Linux since 6.13 */
	TRACE_BPUTS = 14,
	TRACE_RAW_DATA = 18,
	TRACE_FUNC_REPEATS = 19,
};

#define __trace_entry __packed __aligned(4)

struct trace_entry {
	u16 type;
	u8 flags;		/* TRACE_FLAG_* */
	u8 preempt_count;	/* low nibble: depth; high nibble: migrate-disable depth */
	s32 pid;
} __trace_entry;

#define TRACE_FLAG_IRQS_OFF 0x01
#define TRACE_FLAG_NEED_RESCHED 0x04
#define TRACE_FLAG_HARDIRQ 0x08
#define TRACE_FLAG_SOFTIRQ 0x10
#define TRACE_FLAG_PREEMPT_RESCHED 0x20
#define TRACE_FLAG_NMI 0x40
#define TRACE_FLAG_BH_OFF 0x80

/* TRACE_FN. With arguments: trace_args.h */
struct ftrace_entry {
	struct trace_entry ent;
	unsigned long ip, parent_ip;
	unsigned long args[];
} __trace_entry;

/* TRACE_CTX: a switch of threads; TRACE_WAKE: the first one wakes the second one */
struct ctx_switch_entry {
	struct trace_entry ent;
	u32 prev_pid, next_pid, next_cpu;
	u8 prev_prio, prev_state, next_prio, next_state;
} __trace_entry;

/* TRACE_STACK. On a 64-bit machine Linux leaves a gap before the addresses. */
struct stack_entry {
	struct trace_entry ent;
	s32 size;		/* number of addresses; more than the event holds if it was cut */
	u8 gap[sizeof(long) - sizeof(s32)];
	unsigned long caller[];
} __trace_entry;

/* TRACE_PRINT */
struct print_entry {
	struct trace_entry ent;
	unsigned long ip;
	char buf[];		/* terminated */
} __trace_entry;

/* TRACE_BPRINT: text whose arguments follow in the binary form of Linux's vbin_printf() */
struct bprint_entry {
	struct trace_entry ent;
	unsigned long ip;
	const char *fmt;
	u32 buf[];
} __trace_entry;

/* TRACE_RAW_DATA: bytes that were written to trace_marker_raw */
struct raw_data_entry {
	struct trace_entry ent;
	u32 id;
	u8 buf[];
} __trace_entry;

/*
 * TRACE_FUNC_REPEATS: @count more calls like this one, the last of them delta_ts before this event
 */
struct func_repeats_entry {
	struct trace_entry ent;
	unsigned long ip, parent_ip;
	u16 count;
	u16 top_delta_ts;
	u32 bottom_delta_ts;
} __trace_entry;

/* TRACE_GRAPH_ENT. With arguments: trace_args.h */
struct ftrace_graph_ent_entry {
	struct trace_entry ent;
	unsigned long func;
	unsigned long depth;
	unsigned long args[];
} __trace_entry;

/* TRACE_GRAPH_RETADDR_ENT, of the option funcgraph-retaddr. It begins like TRACE_GRAPH_ENT. */
struct ftrace_graph_retaddr_entry {
	struct trace_entry ent;
	unsigned long func;
	unsigned long depth;
	unsigned long retaddr;
	unsigned long args[];
} __trace_entry;

/* TRACE_GRAPH_RET */
struct ftrace_graph_ret_entry {
	struct trace_entry ent;
	unsigned long func, retval;
	s32 depth;
	u32 overrun;
	u64 calltime, rettime;
} __trace_entry;

/* TRACE_GRAPH_RET of the option funcgraph-retval: the result's second word as well */
struct ftrace_graph_result_entry {
	struct ftrace_graph_ret_entry ret;
	unsigned long retval_high;
} __trace_entry;

BUILD_BUG_ON(sizeof(struct trace_entry) != 8);
BUILD_BUG_ON(sizeof(struct ftrace_entry) != 8 + 2 * sizeof(long));

/* Options: the bit, and the name in trace_options and options/. The order is Linux's. */
#define TRACE_OPTIONS(OPT)				\
	OPT(PRINT_PARENT, "print-parent")		\
	OPT(SYM_OFFSET, "sym-offset")			\
	OPT(SYM_ADDR, "sym-addr")			\
	OPT(VERBOSE, "verbose")				\
	OPT(RAW, "raw")					\
	OPT(HEX, "hex")					\
	OPT(BIN, "bin")					\
	OPT(PRINTK, "trace_printk")			\
	OPT(ANNOTATE, "annotate")			\
	OPT(PRINTK_MSGONLY, "printk-msg-only")		\
	OPT(CONTEXT_INFO, "context-info")		\
	OPT(LATENCY_FMT, "latency-format")		\
	OPT(RECORD_CMD, "record-cmd")			\
	OPT(OVERWRITE, "overwrite")			\
	OPT(STOP_ON_FREE, "disable_on_free")		\
	OPT(IRQ_INFO, "irq-info")			\
	OPT(MARKERS, "markers")				\
	OPT(EVENT_FORK, "event-fork")			\
	OPT(PAUSE_ON_TRACE, "pause-on-trace")		\
	OPT(FUNCTION, "function-trace")			\
	OPT(FUNC_FORK, "function-fork")			\
	OPT(DISPLAY_GRAPH, "display-graph")		\
	OPT(STACKTRACE, "stacktrace")

enum trace_option_bit {
#define TRACE_OPTION_BIT(id, name) TRACE_ITER_##id##_BIT,
	TRACE_OPTIONS(TRACE_OPTION_BIT)
#undef TRACE_OPTION_BIT
	NR_TRACE_OPTIONS
};

enum trace_option_flag {
#define TRACE_OPTION_FLAG(id, name) TRACE_ITER_##id = 1u << TRACE_ITER_##id##_BIT,
	TRACE_OPTIONS(TRACE_OPTION_FLAG)
#undef TRACE_OPTION_FLAG
	TRACE_ITER_SYM_MASK = TRACE_ITER_PRINT_PARENT | TRACE_ITER_SYM_OFFSET | TRACE_ITER_SYM_ADDR,
	TRACE_DEFAULT_FLAGS = TRACE_ITER_PRINT_PARENT | TRACE_ITER_PRINTK | TRACE_ITER_ANNOTATE |
			      TRACE_ITER_CONTEXT_INFO | TRACE_ITER_RECORD_CMD |
			      TRACE_ITER_OVERWRITE | TRACE_ITER_IRQ_INFO | TRACE_ITER_MARKERS |
			      TRACE_ITER_FUNCTION,
	/* global_trace alone has these in options/: they are for all instances, or not theirs. */
	TRACE_TOP_LEVEL_FLAGS = TRACE_ITER_PRINTK | TRACE_ITER_PRINTK_MSGONLY |
				TRACE_ITER_RECORD_CMD,
};

/* Options of the tracers, in trace_array.func_flags. */
#define TRACE_FUNC_OPT_STACK 0x1u		/* func_stack_trace */
#define TRACE_FUNC_OPT_NO_REPEATS 0x2u		/* func-no-repeats */
#define TRACE_FUNC_OPT_ARGS 0x4u		/* func-args */
#define TRACE_GRAPH_PRINT_OVERRUN 0x10u
#define TRACE_GRAPH_PRINT_CPU 0x20u
#define TRACE_GRAPH_PRINT_OVERHEAD 0x40u
#define TRACE_GRAPH_PRINT_PROC 0x80u
#define TRACE_GRAPH_PRINT_DURATION 0x100u
#define TRACE_GRAPH_PRINT_ABS_TIME 0x200u
#define TRACE_GRAPH_PRINT_IRQS 0x400u
#define TRACE_GRAPH_PRINT_TAIL 0x800u
#define TRACE_GRAPH_PRINT_RETVAL 0x1000u
#define TRACE_GRAPH_PRINT_RETVAL_HEX 0x2000u
#define TRACE_GRAPH_SLEEP_TIME 0x4000u
#define TRACE_GRAPH_GRAPH_TIME 0x8000u
#define TRACE_GRAPH_PRINT_REL_TIME 0x20000000u	/* no option: of latency tracers */
#define TRACE_GRAPH_PRINT_RETADDR 0x40000000u	/* funcgraph-retaddr */
#define TRACE_GRAPH_ARGS 0x80000000u		/* funcgraph-args */
/* With display-graph these hold instead of the options. */
#define TRACE_GRAPH_IRQSOFF_FLAGS (TRACE_GRAPH_PRINT_CPU | TRACE_GRAPH_PRINT_PROC | \
				   TRACE_GRAPH_PRINT_REL_TIME | TRACE_GRAPH_PRINT_DURATION)
#define TRACE_GRAPH_WAKEUP_FLAGS (TRACE_GRAPH_IRQSOFF_FLAGS | TRACE_GRAPH_PRINT_OVERHEAD | \
				  TRACE_GRAPH_PRINT_IRQS)
#define TRACE_FUNC_DEFAULT_FLAGS (TRACE_GRAPH_SLEEP_TIME | TRACE_GRAPH_GRAPH_TIME | \
				  TRACE_GRAPH_PRINT_CPU | TRACE_GRAPH_PRINT_OVERHEAD | \
				  TRACE_GRAPH_PRINT_DURATION | TRACE_GRAPH_PRINT_IRQS)
