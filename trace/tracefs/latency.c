/* SPDX-License-Identifier: MIT */
/* tracing_max_latency: the longest time that a latency tracer has seen, in microseconds. */
#include "kernel/lib/errno.h"
#include "trace/ring_buffer/trace_clock.h"
#include "trace/tracefs/tracefs.h"
#include "trace/tracers/trace_latency.h"

static int max_latency_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%llu\n", (unsigned long long)trace_ns_to_us(trace_max_latency(node->tr)));
	return 0;
}

static int max_latency_store(const struct tracefs_node *node, const char *text, const char **why)
{
	unsigned long us;
	int err = tracefs_number(text, &us);

	if (!err)
		trace_set_max_latency(node->tr, (u64)us * NSEC_PER_USEC);
	return err;
}

const struct tracefs_file latency_files[] = {
	{ "tracing_max_latency", TRACEFS_RW, .show = max_latency_show,
	  .store = max_latency_store },
	{ .name = NULL },
};
