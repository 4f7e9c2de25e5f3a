/* SPDX-License-Identifier: MIT */
/*
 * Reading the buffer as text, with the events of all CPUs merged by time. There are two kinds of
 * readers: one leaves the events in the buffer (for the file `trace`), the other removes them (for
 * trace_pipe) and is called consuming. A reader is used by one thread at a time.
 */
#pragma once
#include "kernel/sched/percpu.h"
#include "trace/output/trace.h"
#include "trace/output/trace_output.h"

#define TRACE_TEXT_SIZE (4 * PAGE_SIZE)	/* a page, and the longest event's text */
#define TRACE_ENTRY_MAX PAGE_SIZE

struct trace_reader {
	struct trace_array *tr;
	struct trace_buffer *buffer;	/* the one to read; NULL: there is no snapshot */
	bool snapshot;			/* it is the second one, */
	bool is_snapshot_file;		/* for the file of that name, and not for `trace` */
	int cpu_file;			/* the CPU to read, or RING_BUFFER_ALL_CPUS */
	bool consuming;
	bool header_due, paused;
	bool done;			/* the end was reached; only if not consuming */
	struct trace_iterator iter;
	struct trace_seq seq;		/* text, to be returned from seq_from on */
	size_t seq_from;
	u64 pos;			/* bytes of text returned so far */

	struct ring_buffer_iter *buffer_iter[NR_CPUS];	/* only if not consuming */
	unsigned long lost_later[NR_CPUS];	/* lost behind the event before the next one */
	struct ftrace_graph_result_entry leaf;	/* copy, for iter.leaf */

	u64 entry[TRACE_ENTRY_MAX / sizeof(u64)];	/* copy of the event, for iter.ent */
	char text[TRACE_TEXT_SIZE];
};

/*
 * Make a reader of @cpu or RING_BUFFER_ALL_CPUS; if it is not consuming, its text begins with the
 * header. ERR_PTR(-ENOMEM) if memory is out. Both may sleep.
 */
struct trace_reader *trace_reader_open(struct trace_array *tr, int cpu, bool consuming);
/* The same for the snapshot, which stays until then. Without one, there is only a header. */
struct trace_reader *trace_reader_open_snapshot(struct trace_array *tr, int cpu);
void trace_reader_close(struct trace_reader *r);
/* Make the zeroed *@r a consuming reader. Allocates nothing, so that it can be used in a panic. */
void trace_reader_init(struct trace_reader *r, struct trace_array *tr, int cpu);
/* Get the next event into r->iter. False if there is none (for a consuming reader, none now). */
bool trace_reader_next(struct trace_reader *r);
/* Take over the current options and clock, if they have changed since the reader was opened. */
void trace_reader_update(struct trace_reader *r);
/*
 * Make the next read begin at byte @pos of the text. If the last read did not end there, the text
 * is made again, as for a file that is opened now. Beyond the end there is nothing to read. Not for
 * a consuming reader.
 */
void trace_reader_seek(struct trace_reader *r, u64 pos);
/*
 * Read up to @size bytes of text; 0 if there are no more events (for a consuming reader, none now).
 */
size_t trace_reader_read(struct trace_reader *r, char *buf, size_t size);
/* Do the buffers of the reader's CPUs have no unread event? */
bool trace_reader_empty(struct trace_reader *r);
