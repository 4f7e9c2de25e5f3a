/* SPDX-License-Identifier: MIT */
/*
 * The trace at a warning, and in a panic. There recording stops, and if ftrace_dump_on_oops asks
 * for it, the buffers are written to the log as text. That neither allocates nor sleeps nor takes
 * locks, because the code that failed may hold any lock. While all is well, a thread does it.
 * Untraced.
 */
#include "trace/output/trace_dump.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/wait.h"
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

static void log_events(struct trace_reader *r)
{
	unsigned long nr = 0;

	printk(KERN_EMERG "Dumping ftrace buffer:\n");
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

static void dump_buffers(void)
{
	/* Static, because it is too large for the stack, and nothing may be allocated here. */
	static struct trace_reader reader;
	int cpu = ftrace_dump_on_oops == DUMP_ORIG ? (int)smp_processor_id() : RING_BUFFER_ALL_CPUS;

	ring_buffer_break_locks();
	trace_reader_init(&reader, &global_trace, cpu);
	log_events(&reader);
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

/* --- Dumps that are asked for while the kernel runs --- */

#define POLL_MS 10			/* how much later a dump begins, at most */
#define DUMP_OF_NOTHING (RING_BUFFER_ALL_CPUS - 1)

static DEFINE_MUTEX(dump_lock);		/* serialises arming, and guards these two */
static unsigned int dump_users;
static struct task_struct *dumper;
static int dump_wanted = DUMP_OF_NOTHING;	/* a CPU, or RING_BUFFER_ALL_CPUS */

void trace_dump_from(int cpu)
{
	int nothing = DUMP_OF_NOTHING;

	tracing_off();
	__atomic_compare_exchange_n(&dump_wanted, &nothing, cpu, false, __ATOMIC_RELEASE,
				    __ATOMIC_RELAXED);
}

static void dump_if_wanted(void)
{
	int cpu = __atomic_load_n(&dump_wanted, __ATOMIC_ACQUIRE);
	struct trace_reader *reader;

	if (cpu == DUMP_OF_NOTHING)
		return;
	/* Not a consuming one, so that somebody may be reading trace_pipe meanwhile. */
	reader = trace_reader_open(&global_trace, cpu, false);
	if (IS_ERR(reader)) {
		pr_err("trace: no dump: %s\n", errno_string((int)PTR_ERR(reader)));
	} else {
		log_events(reader);
		trace_reader_close(reader);
	}
	__atomic_store_n(&dump_wanted, DUMP_OF_NOTHING, __ATOMIC_RELEASE);
}

static int dump_when_wanted(void *unused)
{
	/* Nobody can wake this thread: who asks for a dump may hold the locks of the scheduler. */
	while (!kthread_should_stop()) {
		dump_if_wanted();
		msleep(POLL_MS);
	}
	dump_if_wanted();
	return 0;
}

int trace_dump_arm(void)
{
	struct task_struct *task;
	int err = 0;

	mutex_lock(&dump_lock);
	if (!dump_users) {
		task = kthread_run(dump_when_wanted, NULL, "dump");
		if (IS_ERR(task))
			err = (int)PTR_ERR(task);
		else
			dumper = task;
	}
	if (!err)
		dump_users++;
	mutex_unlock(&dump_lock);
	return err;
}

void trace_dump_disarm(void)
{
	mutex_lock(&dump_lock);
	if (!--dump_users)
		kthread_stop(dumper);
	mutex_unlock(&dump_lock);
}
