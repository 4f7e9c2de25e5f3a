/* SPDX-License-Identifier: MIT */
/*
 * The files that show and set the size of the buffers, and those that show how full they are and
 * their counters. A size is in KB, and is the data that a CPU's sub-buffers can hold; a new size is
 * rounded up to whole sub-buffers.
 */
#include "kernel/lib/errno.h"
#include "kernel/sched/percpu.h"
#include "trace/tracefs/tracefs.h"

static unsigned long size_kb(const struct tracefs_node *node, int cpu)
{
	return ring_buffer_size(node->tr->buffer, cpu) >> 10;
}

static int buffer_size_show(struct seq_file *m, const struct tracefs_node *node)
{
	unsigned long kb = size_kb(node, 0);
	unsigned int cpu;

	/* If the CPUs' sizes differ, the file shows X, as on Linux; per_cpu/ has the numbers. */
	for_each_online_cpu(cpu) {
		if (size_kb(node, (int)cpu) != kb) {
			seq_puts(m, "X\n");
			return 0;
		}
	}
	if (node->tr->buffer_expanded)
		seq_printf(m, "%lu\n", kb);
	else
		seq_printf(m, "%lu (expanded: %lu)\n", kb, node->tr->expanded_size >> 10);
	return 0;
}

/* Shows the current size of one CPU's buffer, not the size after it is expanded. */
static int cpu_size_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%lu\n", size_kb(node, node->cpu));
	return 0;
}

static int buffer_size_store(const struct tracefs_node *node, const char *text, const char **why)
{
	unsigned long kb;
	int err = tracefs_number(text, &kb);

	if (err)
		return err;
	/* The number of bytes must fit into an unsigned long. */
	if (!kb || kb > (unsigned long)-1 >> 10) {
		*why = "Impossible size";
		return -EINVAL;
	}
	err = tracing_resize(node->tr, kb << 10, node->cpu);
	if (err == -EBUSY)
		*why = "Somebody reads the trace or the snapshot: so the size stays for now";
	return err;
}

static int total_size_show(struct seq_file *m, const struct tracefs_node *node)
{
	unsigned long kb = 0;
	unsigned int cpu;

	for_each_online_cpu(cpu)
		kb += size_kb(node, (int)cpu);
	if (node->tr->buffer_expanded)
		seq_printf(m, "%lu\n", kb);
	else
		seq_printf(m, "%lu (expanded: %lu)\n", kb,
			   (node->tr->expanded_size >> 10) * nr_cpus_online);
	return 0;
}

static int percent_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%u\n", node->tr->buffer_percent);
	return 0;
}

static int percent_store(const struct tracefs_node *node, const char *text, const char **why)
{
	unsigned long percent;
	int err = tracefs_number(text, &percent);

	if (!err && percent > 100) {
		*why = "More than 100 percent";
		err = -EINVAL;
	}
	if (!err)
		node->tr->buffer_percent = (unsigned int)percent;
	return err;
}

/* --- free_buffer: closing it frees the buffer's memory --- */

static int free_buffer_release(struct inode *inode, struct file *file)
{
	struct trace_array *tr = ((const struct tracefs_node *)inode_data(inode))->tr;

	if (tr->trace_flags & TRACE_ITER_STOP_ON_FREE)
		tracer_tracing_off(tr);
	return tracing_resize(tr, 1, RING_BUFFER_ALL_CPUS);
}

static const struct file_operations free_buffer_operations = {
	.write = tracefs_ignore_write,
	.release = free_buffer_release,
};

/* --- per_cpu/cpuN/stats --- */

static void show_time(struct seq_file *m, const struct tracefs_node *node, const char *label,
		      u64 ts)
{
	u64 us = trace_ns_to_us(ts);

	if (trace_clocks[node->tr->clock_id].in_ns)
		seq_printf(m, "%s: %5llu.%06lu\n", label, (unsigned long long)(us / 1000000),
			   (unsigned long)(us % 1000000));
	else
		seq_printf(m, "%s: %llu\n", label, (unsigned long long)ts);
}

static int stats_show(struct seq_file *m, const struct tracefs_node *node)
{
	struct trace_buffer *buffer = node->tr->buffer;
	int cpu = node->cpu;

	/*
	 * Tools depend on these labels. The numbers are read one after the other, so they do not
	 * belong to one moment while events are recorded.
	 */
	seq_printf(m, "entries: %lu\n", ring_buffer_entries_cpu(buffer, cpu));
	seq_printf(m, "overrun: %lu\n", ring_buffer_overrun_cpu(buffer, cpu));
	seq_printf(m, "commit overrun: %lu\n", ring_buffer_commit_overrun_cpu(buffer, cpu));
	seq_printf(m, "bytes: %lu\n", ring_buffer_bytes_cpu(buffer, cpu));
	show_time(m, node, "oldest event ts", ring_buffer_oldest_event_ts(buffer, cpu));
	show_time(m, node, "now ts", ring_buffer_time_stamp(buffer));
	seq_printf(m, "dropped events: %lu\n", ring_buffer_dropped_events_cpu(buffer, cpu));
	seq_printf(m, "read events: %lu\n", ring_buffer_read_events_cpu(buffer, cpu));
	return 0;
}

const struct tracefs_file buffer_files[] = {
	{ "buffer_size_kb", TRACEFS_RW, .show = buffer_size_show, .store = buffer_size_store },
	{ "buffer_total_size_kb", TRACEFS_RO, .show = total_size_show },
	{ "buffer_percent", TRACEFS_RW, .show = percent_show, .store = percent_store },
	{ "free_buffer", TRACEFS_WO, .ops = &free_buffer_operations },
	{ .name = NULL },
};

const struct tracefs_file percpu_files[] = {
	{ "buffer_size_kb", TRACEFS_RW, .show = cpu_size_show, .store = buffer_size_store },
	{ "stats", TRACEFS_RO, .show = stats_show },
	{ .name = NULL },
};
