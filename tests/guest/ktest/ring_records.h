/* SPDX-License-Identifier: MIT */
/* Events that the tests of the ring buffer write, and know again: ring.c. */
#pragma once
#include "trace/output/trace.h"

#define SMALL (4 * PAGE_SIZE)

struct record {
	u32 context, sequence;
	u32 payload[6];			/* (sequence % 7) words */
};

/* Writes the record with this number. Returns false if there was no room. Any context. */
bool ring_write_record(struct trace_buffer *buffer, u32 context, u32 sequence);

/*
 * What reading found. In each context the numbers must rise. The losses that the reader was
 * told of are added up.
 */
struct drained {
	unsigned long events, lost, wrong;
	u32 last[2];
};

/*
 * Consume everything; ring_drain() what this CPU has; ring_drain_present() at most as much as there
 * is now, because a writer may be faster than this reader, and then there is always more.
 */
struct drained ring_drain_present(struct trace_buffer *buffer, int cpu);
struct drained ring_drain_cpu(struct trace_buffer *buffer, int cpu);
struct drained ring_drain(struct trace_buffer *buffer);
