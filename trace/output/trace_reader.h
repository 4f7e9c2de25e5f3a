/* SPDX-License-Identifier: MIT */
/*
 * Reading the buffer as text: the CPUs' events merged by time. Two kinds: one
 * that looks without taking (the file `trace`), one that takes (trace_pipe).
 */
#pragma once
#include "kernel/sched/percpu.h"
#include "trace/output/trace.h"
#include "trace/output/trace_output.h"

#define TRACE_TEXT_SIZE (4 * PAGE_SIZE)	/* the longest event's text fits */
#define TRACE_ENTRY_MAX PAGE_SIZE

struct trace_reader {
	struct trace_array *tr;
	int cpu_file;			/* the CPU to read, or RING_BUFFER_ALL_CPUS */
	bool consuming;
	bool header_due, paused;
	bool done;			/* looking only: the end was reached */
	struct trace_iterator iter;
	struct trace_seq seq;		/* text, handed out from seq_from on */
	size_t seq_from;
	u64 pos;			/* bytes of text before the next one to be handed out */

	struct ring_buffer_iter *buffer_iter[NR_CPUS];	/* looking only */

	u64 entry[TRACE_ENTRY_MAX / sizeof(u64)];	/* the event's copy: iter.ent */
	char text[TRACE_TEXT_SIZE];
};

/* ERR_PTR(-ENOMEM) when there is no memory. The reader of `trace` begins with the header. */
struct trace_reader *trace_reader_open(struct trace_array *tr, int cpu, bool consuming);
void trace_reader_close(struct trace_reader *r);
/* For a reader in static memory, in a panic: @r is zeroed; no allocation. Consuming only. */
void trace_reader_init(struct trace_reader *r, struct trace_array *tr, int cpu);
/* The next event into r->iter; false at the end, or for now in a consuming one. */
bool trace_reader_next(struct trace_reader *r);
/* Options and clock may have changed since it was opened: take the present ones. */
void trace_reader_update(struct trace_reader *r);
/*
 * Go to byte @pos of what reads as if the file were opened now; looking only. Behind the end there
 * is nothing to read. Where the position is that of the next read already, nothing changes.
 */
void trace_reader_seek(struct trace_reader *r, u64 pos);
/* Up to @size bytes of text; 0 when there are no more events (for now). */
size_t trace_reader_read(struct trace_reader *r, char *buf, size_t size);
bool trace_reader_empty(struct trace_reader *r);
