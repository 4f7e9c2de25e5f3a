/* SPDX-License-Identifier: MIT */
/*
 * Conversion of an event to text, in Linux's formats (docs/reference.md, "Lines of a trace"). It
 * reads a struct trace_iterator, appends to a struct trace_seq, and besides uses only
 * kallsyms_lookup() and trace_find_cmdline() (trace/output/trace.h).
 */
#pragma once
#include "trace/output/trace_entries.h"
#include "trace/output/trace_seq.h"

#define TRACE_FILE_LAT_FMT 1u		/* latency-format is on */
#define TRACE_FILE_ANNOTATE 2u		/* events were lost: print where each CPU's events begin */
#define TRACE_FILE_GRAPH 8u		/* the tracer is function_graph */
#define TRACE_FILE_SNAPSHOT 16u		/* the second buffer is read */
#define TRACE_FILE_ALLOCATED 32u	/* and there is one */
#define TRACE_FILE_ONE_CPU 64u		/* only one CPU is read */
#define TRACE_FILE_TIME_IN_NS 4u	/* the clock counts ns: print times as seconds */

#define COMM_CACHE_SIZE 16		/* a power of two */

#define TRACE_GRAPH_DEPTH 50		/* how deep open functions are remembered */

/* What the lines of function_graph need to know of each CPU's earlier ones. */
struct trace_graph_cpu {
	bool started;			/* there was one */
	bool in_irq;			/* it was in an interrupt */
	int pid, depth;
	unsigned long open[TRACE_GRAPH_DEPTH];
};

/* The longest time that a latency tracer has seen, for the header. */
struct trace_max {
	u64 latency, start;		/* ns; when it began, by the buffer's clock */
	unsigned long started_at, ended_at;	/* 0: it has no places */
	int cpu, pid, nice;		/* of the thread that waited, or made others wait */
	char comm[16];
};

/* Everything that the text of a line depends on. Filled in by trace/output/trace_reader.c. */
struct trace_iterator {
	const char *tracer_name;
	u32 trace_flags;		/* TRACE_ITER_* */
	u32 iter_flags;			/* TRACE_FILE_* */
	unsigned int nr_cpus;
	unsigned long entries, total;	/* for the header: events in the buffer, and written */
	u64 time_start;			/* when the buffer was last cleared */
	int buffer_cpu;			/* the CPU in the latency header */
	struct trace_max max;		/* all 0 if the tracer measures no latency */

	/* The event. */
	const struct trace_entry *ent;
	unsigned int ent_size;		/* size of *ent in bytes */
	unsigned int cpu;
	u64 ts;
	u64 next_ts;			/* time of the next event; ts if there is none */
	unsigned long lost_events;	/* events lost on this CPU just before this one */
	unsigned long idx;		/* events printed so far, including this one */

	u32 graph_flags;		/* TRACE_GRAPH_PRINT_* */
	const struct ftrace_graph_ret_entry *leaf;	/* the return that follows; else NULL */
	unsigned int leaf_size;		/* of *leaf, in bytes */
	struct trace_graph_cpu graph_cpus[NR_CPUS];

	u32 cpus_started;		/* a bit for each CPU of which an event was printed */
	struct {
		int pid;
		bool valid;
		char comm[16];
	} comm_cache[COMM_CACHE_SIZE];
};

/* Append the lines above the first event. */
void trace_print_header(struct trace_seq *s, const struct trace_iterator *iter);
/*
 * Append the event's line or lines; before them, how many events were lost, or where its CPU
 * begins.
 */
void trace_print_line(struct trace_seq *s, struct trace_iterator *iter);
/* Append what the event says, without what comes before it in a line. */
void trace_print_text(struct trace_seq *s, const struct trace_iterator *iter);
/*
 * Append a symbol; its module only together with the offset, as on Linux. @back is 1 for a return
 * address, which is just behind the end of its function if the call was the last instruction.
 */
void trace_print_symbol(struct trace_seq *s, unsigned long ip, u32 sym_flags, unsigned long back);
/* Append `CPU:%d [LOST %lu EVENTS]`. */
void trace_print_lost(struct trace_seq *s, unsigned int cpu, unsigned long lost);
