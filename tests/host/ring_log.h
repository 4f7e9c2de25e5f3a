/* SPDX-License-Identifier: MIT */
/*
 * A plain model of a ring buffer for tests. Every event that a test writes is logged with the
 * interval in which it was reserved, every event that is read is checked against the log, and at
 * the end the counts have to add up. A payload is the event's number, followed by bytes that depend
 * on it.
 */
#pragma once
#include "trace/ring_buffer/ring_buffer.h"

#define RING_LOG_MAX 60000u

struct ring_log {
	struct trace_buffer *buffer;
	bool graph;			/* the sequence is that of function_graph: two sizes */
	unsigned int nr;		/* attempts to write */
	unsigned long committed, discarded, refused;
	unsigned long read, lost;	/* events that were read, and that were reported as lost */
	u64 last_ts;
};

enum ring_fate { RING_COMMIT, RING_DISCARD };

/*
 * Called with true before each call into the ring buffer's writer, and with false after it. NULL:
 * not called.
 */
extern void (*ring_log_step)(bool on);

/* Start again, with @buffer. */
void ring_log_start(struct ring_log *log, struct trace_buffer *buffer);
/* Write the next event with @length bytes (at least 4). @between runs while it is open. */
bool ring_log_write(struct ring_log *log, unsigned int length, enum ring_fate fate,
		    void (*between)(void));
/* The same with ring_buffer_reserve_fast(), if that succeeds. */
bool ring_log_write_fast(struct ring_log *log, void (*between)(void));
/*
 * The same as a port's function_trace_caller does it, or its graph_trace_caller, if the sequence is
 * open and all that it asks for is the case. Otherwise with ring_log_write_fast(); then the
 * sequence is opened as the function tracer does it. Nothing interrupts the sequence itself.
 */
bool ring_log_write_sequence(struct ring_log *log, void (*between)(void));
/* Check the payload and time of one event. Returns false if there is no such event. */
bool ring_log_look(const struct ring_log *log, struct ring_buffer_event *event, u64 ts);
/* Check one event that a consuming reader found, with @lost events lost before it. */
void ring_log_check(struct ring_log *log, struct ring_buffer_event *event, u64 ts,
		    unsigned long lost);
/* Consume up to @max events. Returns how many there were. */
unsigned int ring_log_consume(struct ring_log *log, unsigned int max);
/* Check, while no event is open, that the buffer's counters say what happened. */
void ring_log_balance(const struct ring_log *log);
