/* SPDX-License-Identifier: MIT */
/*
 * Reading the buffer as text, the events of all CPUs merged by time. There are two kinds of reader:
 * one looks and leaves all events there (the file `trace`), the other takes them (trace_pipe). A
 * reader is used by one thread at a time.
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

/*
 * A new reader of @cpu or RING_BUFFER_ALL_CPUS; one that only looks begins with the header. Never
 * NULL: ERR_PTR(-ENOMEM) when there is no memory. Both may sleep.
 */
struct trace_reader *trace_reader_open(struct trace_array *tr, int cpu, bool consuming);
void trace_reader_close(struct trace_reader *r);
/* Make a consuming reader of @r, zeroed memory of the caller's. Allocates nothing: for a panic. */
void trace_reader_init(struct trace_reader *r, struct trace_array *tr, int cpu);
/* Get the next event into r->iter. False at the end; to a consuming reader more may come. */
bool trace_reader_next(struct trace_reader *r);
/* Use the options and the clock of now, which may have changed since the reader was opened. */
void trace_reader_update(struct trace_reader *r);
/*
 * Go to byte @pos of the text, of which the next read begins. If that is elsewhere than where the
 * last one ended, the text is that of a file opened now. Behind the end there is nothing to read.
 * Not for a consuming reader.
 */
void trace_reader_seek(struct trace_reader *r, u64 pos);
/* Read up to @size bytes of text; 0 when there are no more events, or none for now. */
size_t trace_reader_read(struct trace_reader *r, char *buf, size_t size);
/* Is there no unread event in the buffers of its CPUs? */
bool trace_reader_empty(struct trace_reader *r);
