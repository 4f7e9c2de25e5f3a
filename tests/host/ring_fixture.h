/* SPDX-License-Identifier: MIT */
/*
 * What the unit tests of the ring buffer begin and end with: one buffer, and a log of what it must
 * hold.
 */
#pragma once
#include "kernel/lib/errno.h"
#include "tests/host/host.h"
#include "tests/host/ring_log.h"
#include "tests/host/tap.h"
#include "trace/ring_buffer/ring_buffer_write.h"

static struct trace_buffer *buffer;
static struct ring_log ring_log;

static bool make_buffer(unsigned long nr_pages, unsigned int flags)
{
	host_set_clock(1, 0);
	host_cycles_step = 3;
	host_hook = NULL;
	buffer = ring_buffer_alloc(nr_pages * RB_DATA_SIZE, flags);
	ring_log_start(&ring_log, buffer);
	return EXPECT(buffer);
}

static void finish(void)
{
	ring_log_balance(&ring_log);
	ring_buffer_free(buffer);
	EXPECT_EQ(host_allocations(), 0);
}

static void write_many(unsigned int nr, unsigned int length)
{
	while (nr--)
		ring_log_write(&ring_log, length, RING_COMMIT, NULL);
}
