/* SPDX-License-Identifier: MIT */
/*
 * From one event to its text, in Linux's formats (docs/reference.md, "Lines of a trace"). Pure
 * formatting: it reads a struct trace_iterator and appends to a struct trace_seq. Of the kernel it
 * needs kallsyms_lookup(), and trace_find_cmdline() (trace/output/trace.h).
 */
#pragma once
#include "trace/output/trace_entries.h"
#include "trace/output/trace_seq.h"

#define TRACE_FILE_LAT_FMT 1u		/* latency-format is on */
#define TRACE_FILE_ANNOTATE 2u		/* events were lost, so tell where each CPU's begin */
#define TRACE_FILE_TIME_IN_NS 4u	/* the clock counts ns: print seconds */

#define COMM_CACHE_SIZE 16		/* a power of two */

/* What a line's text depends on. Filled by trace/output/trace_reader.c. */
struct trace_iterator {
	const char *tracer_name;
	u32 trace_flags;		/* TRACE_ITER_* */
	u32 iter_flags;			/* TRACE_FILE_* */
	unsigned int nr_cpus;
	unsigned long entries, total;	/* for the header: in the buffer, ever written */
	u64 time_start;			/* when the buffer was cleared */
	int buffer_cpu;			/* the CPU in the latency header */

	/* The event. */
	const struct trace_entry *ent;
	unsigned int ent_size;		/* bytes from ent on */
	unsigned int cpu;
	u64 ts;
	u64 next_ts;			/* of the event after it; its own if there is none */
	unsigned long lost_events;	/* lost on this CPU right before it */
	unsigned long idx;		/* events printed so far, this one included */

	u32 cpus_started;		/* bit per CPU: an event of it was printed */
	struct {
		int pid;
		bool valid;
		char comm[16];
	} comm_cache[COMM_CACHE_SIZE];
};

/* Append the lines above the first event. Like all calls here it takes no lock and cannot fail. */
void trace_print_header(struct trace_seq *s, const struct trace_iterator *iter);
/* Append the event's line or lines, and before them what was lost, or that its CPU begins here. */
void trace_print_line(struct trace_seq *s, struct trace_iterator *iter);
/* `CPU:%d [LOST %lu EVENTS]` */
void trace_print_lost(struct trace_seq *s, unsigned int cpu, unsigned long lost);
