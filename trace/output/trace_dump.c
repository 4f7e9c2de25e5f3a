/* SPDX-License-Identifier: MIT */
/*
 * The trace at a warning, and in a panic. There recording stops, and if ftrace_dump_on_oops asks
 * for it, the buffers are written to the log as text. That neither allocates nor sleeps nor takes
 * locks, because the code that failed may hold any lock. Untraced.
 */
#include "trace/output/trace_dump.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/trace_hooks.h"
#include "trace/output/trace_reader.h"

enum ftrace_dump_mode ftrace_dump_on_oops;
bool traceoff_on_warning;

void trace_on_warning(void)
{
	if (!READ_ONCE(traceoff_on_warning) || !tracing_is_on())
		return;
	/* The trace tells why it ends. */
	trace_printk("Disabling tracing due to warning\n");
	tracing_off();
}

/* Log @text line by line, because a message of the log has a maximal length. */
static void log_text(char *text, size_t len)
{
	char *line = text, *end = text + len;

	while (line < end) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t line_len = (size_t)((newline ? newline : end) - line);

		printk(KERN_EMERG "%.*s\n", (int)line_len, line);
		line += line_len + 1;
	}
}

static void dump_buffers(void)
{
	/* Static, because it is too large for the stack, and nothing may be allocated here. */
	static struct trace_reader reader;
	struct trace_reader *r = &reader;
	unsigned long nr = 0;
	int cpu = ftrace_dump_on_oops == DUMP_ORIG ? (int)smp_processor_id() : RING_BUFFER_ALL_CPUS;

	ring_buffer_break_locks();
	printk(KERN_EMERG "Dumping ftrace buffer:\n");
	trace_reader_init(r, &global_trace, cpu);
	for (; trace_reader_next(r); nr++) {
		if (!nr)
			printk(KERN_EMERG "---------------------------------\n");
		trace_seq_reset(&r->seq);
		trace_print_line(&r->seq, &r->iter);
		log_text(r->text, r->seq.len);
	}
	if (nr)
		printk(KERN_EMERG "---------------------------------\n");
	else
		printk(KERN_EMERG "   (ftrace buffer empty)\n");
}

void trace_on_oops(void)
{
	static bool dumped;

	/* Only once, because a second panic may be a failure of the dump itself. */
	if (!global_trace.buffer || dumped)
		return;
	dumped = true;
	tracing_off();
	if (ftrace_dump_on_oops != DUMP_NONE)
		dump_buffers();
}
