/* SPDX-License-Identifier: MIT */
/*
 * The comment lines above a trace: the tracer, the number of events, and a legend of the columns
 * (docs/reference.md, "Lines of a trace"). It only formats, like trace_output.c.
 */
#include "kernel/version.h"
#include "trace/output/trace_graph.h"
#include "trace/ring_buffer/trace_clock.h"

#define RULE "---------------------------------"

static void print_irq_info_legend(struct trace_seq *s)
{
	trace_seq_puts(s,
		"#                                _-----=> irqs-off/BH-disabled\n"
		"#                               / _----=> need-resched\n"
		"#                              | / _---=> hardirq/softirq\n"
		"#                              || / _--=> preempt-depth\n"
		"#                              ||| / _-=> migrate-disable\n"
		"#                              |||| /     delay\n"
		"#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"
		"#              | |         |   |||||     |         |\n");
}

static void print_short_legend(struct trace_seq *s)
{
	trace_seq_puts(s,
		"#           TASK-PID     CPU#     TIMESTAMP  FUNCTION\n"
		"#              | |         |         |         |\n");
}

static void print_latency_head(struct trace_seq *s, const struct trace_iterator *iter)
{
	trace_seq_printf(s, "# %s latency trace v1.1.5 on %s\n", iter->tracer_name,
			 PATCHBAY_VERSION);
	trace_seq_puts(s, "# --" RULE RULE "\n");
	trace_seq_printf(s, "# latency: %llu us, #%lu/%lu, CPU#%d |",
			 (unsigned long long)trace_ns_to_us(iter->max.latency), iter->entries,
			 iter->total, iter->buffer_cpu);
	trace_seq_printf(s, " (M:preempt VP:0, KP:0, SP:0 HP:0 #P:%u)\n", iter->nr_cpus);
	trace_seq_puts(s, "#    -----------------\n");
	trace_seq_printf(s, "#    | task: %.16s-%d (uid:0 nice:%d policy:0 rt_prio:0)\n",
			 iter->max.comm, iter->max.pid, iter->max.nice);
	trace_seq_puts(s, "#    -----------------\n");
	/* A wait has no such places: only sections with interrupts or preemption off do. */
	if (iter->max.started_at) {
		trace_seq_puts(s, "#  => started at: ");
		trace_print_symbol(s, iter->max.started_at, iter->trace_flags, 1);
		trace_seq_puts(s, "\n#  => ended at:   ");
		trace_print_symbol(s, iter->max.ended_at, iter->trace_flags, 1);
		trace_seq_puts(s, "\n#\n");
	}
	trace_seq_puts(s, "#\n");
}

static void print_latency_legend(struct trace_seq *s)
{
	trace_seq_puts(s,
		"#                    _------=> CPU#            \n"
		"#                   / _-----=> irqs-off/BH-disabled\n"
		"#                  | / _----=> need-resched    \n"
		"#                  || / _---=> hardirq/softirq \n"
		"#                  ||| / _--=> preempt-depth   \n"
		"#                  |||| / _-=> migrate-disable \n"
		"#                  ||||| /     delay           \n"
		"#  cmd     pid     |||||| time  |   caller     \n"
		"#     \\   /        ||||||  \\    |    /       \n");
}

#define SNAPSHOT_0 "# echo 0 > snapshot : "
#define SNAPSHOT_1							\
	"# echo 1 > snapshot : Allocates snapshot buffer, if not already"	\
	" allocated.\n#                      "
#define SNAPSHOT_2 "# echo 2 > snapshot : Clears "

/* Of an empty snapshot. */
static void print_snapshot_help(struct trace_seq *s, const struct trace_iterator *iter)
{
	trace_seq_puts(s, iter->iter_flags & TRACE_FILE_ALLOCATED ?
		"#\n# * Snapshot is allocated *\n#\n" : "#\n# * Snapshot is freed *\n#\n");
	trace_seq_puts(s, "# Snapshot commands:\n");
	if (iter->iter_flags & TRACE_FILE_ONE_CPU)
		trace_seq_puts(s, SNAPSHOT_0 "Invalid for per_cpu snapshot file.\n"
			       SNAPSHOT_1 "Takes a snapshot of the main buffer for this cpu.\n"
			       SNAPSHOT_2 "this cpu's snapshot buffer (but does not allocate)\n");
	else
		trace_seq_puts(s, SNAPSHOT_0 "Clears and frees snapshot buffer\n"
			       SNAPSHOT_1 "Takes a snapshot of the main buffer.\n"
			       SNAPSHOT_2 "snapshot buffer (but does not allocate or free)\n");
	trace_seq_puts(s,
		       "#                      (Doesn't have to be '2' works with any number that\n"
		       "#                       is not a '0' or '1')\n");
}

void trace_print_header(struct trace_seq *s, const struct trace_iterator *iter)
{
	u32 flags = iter->trace_flags;

	trace_seq_printf(s, "# tracer: %s\n#\n", iter->tracer_name);
	if (iter->iter_flags & TRACE_FILE_SNAPSHOT && !iter->entries) {
		print_snapshot_help(s, iter);
		return;
	}
	if (!(flags & TRACE_ITER_CONTEXT_INFO))
		return;
	/* As on Linux, an empty latency trace has no header, and verbose lines have no legend. */
	if (iter->iter_flags & TRACE_FILE_LAT_FMT) {
		if (!iter->entries)
			return;
		print_latency_head(s, iter);
	}
	if (iter->iter_flags & TRACE_FILE_GRAPH) {
		trace_print_graph_header(s, iter);
	} else if (iter->iter_flags & TRACE_FILE_LAT_FMT) {
		if (!(flags & TRACE_ITER_VERBOSE))
			print_latency_legend(s);
	} else if (!(flags & TRACE_ITER_VERBOSE)) {
		trace_seq_printf(s, "# entries-in-buffer/entries-written: %lu/%lu   #P:%u\n#\n",
				 iter->entries, iter->total, iter->nr_cpus);
		if (flags & TRACE_ITER_IRQ_INFO)
			print_irq_info_legend(s);
		else
			print_short_legend(s);
	}
}
