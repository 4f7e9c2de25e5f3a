/* SPDX-License-Identifier: MIT */
/*
 * Readers that wait at trace_pipe or trace_pipe_raw while there is nothing to read: what lets them
 * go on, and what does not. As on Linux, switching tracing off ends the read of one that has read
 * something; one that has not waits for tracing to begin.
 */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/wait.h"
#include "kernel/shell/shell.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "trace/output/trace.h"
#include "trace/tracefs/tracefs.h"

#define T "/sys/kernel/tracing/"
#define RAW T "per_cpu/cpu0/trace_pipe_raw"
/* A reader that has slept this often has found nothing, and is waiting. */
#define WAITS_SURELY 3

struct reader {
	const char *path;
	struct file *file;
	struct task_struct *task;
	unsigned long switches;
	ssize_t got;
	bool done;
	char *text;
};

static const char *const pipes[] = { T "trace_pipe", T "per_cpu/cpu0/trace_pipe", RAW };

static int read_once(void *data)
{
	struct reader *reader = data;

	reader->got = vfs_read(reader->file, reader->text, PAGE_SIZE);
	WRITE_ONCE(reader->done, true);
	return 0;
}

/* Does the reader sleep, and keep sleeping? */
static bool waits(struct ktest *t, struct reader *reader)
{
	unsigned long enough = READ_ONCE(reader->task->nr_switches) + WAITS_SURELY;

	KT_WAIT(t, READ_ONCE(reader->done) || READ_ONCE(reader->task->nr_switches) > enough);
	return KT_EXPECT(t, !READ_ONCE(reader->done));
}

/* Lets a thread read, which finds nothing. */
static bool start_reading(struct ktest *t, struct reader *reader)
{
	reader->done = false;
	reader->task = kthread_run(read_once, reader, "kt-reader");
	return KT_EXPECT(t, !IS_ERR(reader->task)) && waits(t, reader);
}

/*
 * Waits until the reader ends, and returns what it read. If it does not end, events are written to
 * make it end.
 */
static ssize_t end_reading(struct ktest *t, struct reader *reader)
{
	if (!KT_WAIT(t, READ_ONCE(reader->done)))
		ktest_note(t, "nobody woke who reads %s", reader->path);
	while (!READ_ONCE(reader->done)) {
		tracer_tracing_on(&global_trace);
		file_write(T "trace_marker", "end this", 0);
		msleep(10);
	}
	kthread_join(reader->task);
	return reader->got;
}

static void read_event(struct ktest *t, struct reader *reader)
{
	KT_EXPECT_EQ(t, file_write(T "trace_marker", "an event", 0), 0);
	KT_EXPECT(t, end_reading(t, reader) > 0);
}

static void at_each_pipe(struct ktest *t, void (*act)(struct ktest *t, struct reader *reader))
{
	struct reader reader = { .text = kmalloc(PAGE_SIZE, GFP_KERNEL) };
	char size[16];

	/* Events go to CPU 0's buffer, whose reader waits for them. */
	kt_one_cpu(t);
	KT_ASSERT(t, reader.text);
	KT_EXPECT_EQ(t, tracing_update_buffers(&global_trace), 0);
	KT_EXPECT(t, file_read(T "buffer_size_kb", size, sizeof(size)) > 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(pipes); i++) {
		KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
		reader.path = pipes[i];
		reader.file = vfs_open(reader.path, O_RDONLY, 0);
		if (!KT_EXPECT(t, !IS_ERR(reader.file)))
			continue;
		act(t, &reader);
		vfs_close(reader.file);
		KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", size, 0), 0);
	}
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	kfree(reader.text);
}

static void event_comes(struct ktest *t, struct reader *reader)
{
	if (start_reading(t, reader))
		read_event(t, reader);
}

KTEST(tracefs, waits_for_an_event)
{
	at_each_pipe(t, event_comes);
}

/*
 * The pages that the reader looks at are freed and others come. That is no event, and hides none.
 */
static void size_changes(struct ktest *t, struct reader *reader)
{
	static const char *const sizes[] = { "512", "16", "64" };

	if (!start_reading(t, reader))
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", sizes[i], 0), 0);
		waits(t, reader);
	}
	read_event(t, reader);
}

KTEST(tracefs, waits_while_the_size_changes)
{
	at_each_pipe(t, size_changes);
}

static void buffer_is_freed(struct ktest *t, struct reader *reader)
{
	if (!start_reading(t, reader))
		return;
	KT_EXPECT_EQ(t, file_write(T "free_buffer", "", 0), 0);
	waits(t, reader);
	read_event(t, reader);
	/*
	 * The reader has read something. With this option freeing the buffer switches tracing off,
	 * and so ends the read.
	 */
	KT_EXPECT_EQ(t, file_write(T "options/disable_on_free", "1", 0), 0);
	if (start_reading(t, reader)) {
		KT_EXPECT_EQ(t, file_write(T "free_buffer", "", 0), 0);
		KT_EXPECT_EQ(t, end_reading(t, reader), 0);
	}
	KT_EXPECT_EQ(t, file_write(T "options/disable_on_free", "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "1", 0), 0);
}

KTEST(tracefs, waits_while_the_buffer_is_freed)
{
	at_each_pipe(t, buffer_is_freed);
}

static void tracing_goes_off(struct ktest *t, struct reader *reader)
{
	if (!start_reading(t, reader))
		return;
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "0", 0), 0);
	waits(t, reader);
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "1", 0), 0);
	read_event(t, reader);
	if (start_reading(t, reader)) {
		KT_EXPECT_EQ(t, file_write(T "tracing_on", "0", 0), 0);
		KT_EXPECT_EQ(t, end_reading(t, reader), 0);
	}
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "1", 0), 0);
}

KTEST(tracefs, waits_while_tracing_is_off)
{
	at_each_pipe(t, tracing_goes_off);
}

/*
 * The reader has seen the event, but somebody else takes it first: then it waits for the next one.
 * It takes events under a lock, so it sleeps on that lock if it does not check again.
 */
static void event_is_taken(struct ktest *t, struct reader *reader)
{
	unsigned long switches;

	if (!start_reading(t, reader))
		return;
	mutex_lock(&tracefs_pipe_lock);
	KT_EXPECT_EQ(t, file_write(T "trace_marker", "for somebody else", 0), 0);
	do {
		switches = READ_ONCE(reader->task->nr_switches);
		msleep(30);
	} while (switches != READ_ONCE(reader->task->nr_switches));
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	mutex_unlock(&tracefs_pipe_lock);
	waits(t, reader);
	read_event(t, reader);
}

KTEST(tracefs, waits_while_others_take)
{
	at_each_pipe(t, event_is_taken);
}

/*
 * Nobody reads what the first command of the pipeline would write, so it must not wait for an
 * event.
 */
KTEST(tracefs, waits_only_for_somebody)
{
	static const char *const lines[] = {
		"cat " T "trace_pipe | echo done > /dev/null",
		"cat " T "per_cpu/cpu0/trace_pipe | echo done > /dev/null",
		"cat " RAW " | echo done > /dev/null",
	};

	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(lines); i++)
		KT_EXPECT_EQ(t, shell_run(lines[i]), 0);
	/* Nothing of them is left that would keep others from changing the tracer. */
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
}
