/* SPDX-License-Identifier: MIT */
/*
 * The file `snapshot` as a user meets it: what each number does, its text, and what becomes of it
 * when the first buffer changes. tests/guest/ktest/ring_busy.c exchanges buffers under load.
 */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/sched/percpu.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/targets.h"
#include "trace/output/trace.h"
#include "trace/output/trace_snapshot.h"

#define T "/sys/kernel/tracing/"
#define ANY_NUMBER								\
	"#                      (Doesn't have to be '2' works with any number that\n"	\
	"#                       is not a '0' or '1')\n"
#define HELP									\
	"# Snapshot commands:\n"						\
	"# echo 0 > snapshot : Clears and frees snapshot buffer\n"		\
	"# echo 1 > snapshot : Allocates snapshot buffer, if not already allocated.\n"	\
	"#                      Takes a snapshot of the main buffer.\n"		\
	"# echo 2 > snapshot : Clears snapshot buffer (but does not allocate or free)\n" \
	ANY_NUMBER
#define HELP_OF_ONE								\
	"# Snapshot commands:\n"						\
	"# echo 0 > snapshot : Invalid for per_cpu snapshot file.\n"		\
	"# echo 1 > snapshot : Allocates snapshot buffer, if not already allocated.\n"	\
	"#                      Takes a snapshot of the main buffer for this cpu.\n"	\
	"# echo 2 > snapshot : Clears this cpu's snapshot buffer (but does not allocate)\n" \
	ANY_NUMBER
#define FREED "# tracer: nop\n#\n#\n# * Snapshot is freed *\n#\n"
#define ALLOCATED "# tracer: nop\n#\n#\n# * Snapshot is allocated *\n#\n"

static void begin(struct ktest *t)
{
	tracing_restore(t);
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(T "snapshot", "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
}

static void end(struct ktest *t)
{
	KT_EXPECT_EQ(t, file_write(T "snapshot", "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
}

static void mark(struct ktest *t, const char *text)
{
	KT_EXPECT_EQ(t, file_write(T "trace_marker", text, 0), 0);
}

/* How often is the mark in the two files? */
static void expect_marks(struct ktest *t, const char *text, int in_trace, int in_snapshot)
{
	KT_EXPECT_EQ(t, file_count(T "trace", text), in_trace);
	KT_EXPECT_EQ(t, file_count(T "snapshot", text), in_snapshot);
}

KTEST(snapshot, numbers)
{
	begin(t);
	KT_EXPECT(t, file_is(T "snapshot", FREED HELP));
	KT_EXPECT(t, file_is(T "per_cpu/cpu0/snapshot", FREED HELP_OF_ONE));
	/* Without one, there is nothing to be emptied, and none is made. */
	KT_EXPECT_EQ(t, file_write(T "snapshot", "2", 0), 0);
	KT_EXPECT(t, file_is(T "snapshot", FREED HELP));
	mark(t, "first");
	KT_EXPECT_EQ(t, file_write(T "snapshot", "1", 0), 0);
	expect_marks(t, ": first\n", 0, 1);
	mark(t, "second");
	expect_marks(t, ": second\n", 1, 0);
	KT_EXPECT_EQ(t, file_write(T "snapshot", "1", 0), 0);
	/* The two have been exchanged, as on Linux. */
	expect_marks(t, ": second\n", 0, 1);
	expect_marks(t, ": first\n", 1, 0);
	KT_EXPECT_EQ(t, file_write(T "snapshot", "17", 0), 0);
	KT_EXPECT(t, file_is(T "snapshot", ALLOCATED HELP));
	expect_marks(t, ": first\n", 1, 0);
	KT_EXPECT_EQ(t, file_write(T "snapshot", "0", 0), 0);
	KT_EXPECT(t, file_is(T "snapshot", FREED HELP));
	expect_marks(t, ": first\n", 1, 0);
	end(t);
}

KTEST(snapshot, of_one_cpu)
{
	begin(t);
	mark(t, "first");
	KT_EXPECT_EQ(t, file_write(T "per_cpu/cpu0/snapshot", "0", 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(T "per_cpu/cpu0/snapshot", "1", 0), 0);
	expect_marks(t, ": first\n", 0, 1);
	KT_EXPECT_EQ(t, file_count(T "per_cpu/cpu0/snapshot", ": first\n"), 1);
	if (nr_cpus_online > 1) {
		KT_EXPECT(t, file_is(T "per_cpu/cpu1/snapshot", ALLOCATED HELP_OF_ONE));
		KT_EXPECT_EQ(t, file_write(T "per_cpu/cpu1/snapshot", "2", 0), 0);
		expect_marks(t, ": first\n", 0, 1);
	}
	KT_EXPECT_EQ(t, file_write(T "per_cpu/cpu0/snapshot", "2", 0), 0);
	KT_EXPECT(t, file_is(T "per_cpu/cpu0/snapshot", ALLOCATED HELP_OF_ONE));
	end(t);
}

/* It has the size of the first buffer, and goes on with its clock and option overwrite. */
KTEST(snapshot, follows_the_buffer)
{
	unsigned long usual = usual_buffer_size();

	begin(t);
	KT_EXPECT_EQ(t, file_write(T "snapshot", "1", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", "64", 0), 0);
	KT_EXPECT_EQ(t, ring_buffer_size(global_trace.snapshot, 0),
		     ring_buffer_size(global_trace.buffer, 0));
	KT_EXPECT_EQ(t, file_write(T "trace_clock", "counter", 0), 0);
	mark(t, "counted");
	KT_EXPECT_EQ(t, file_write(T "snapshot", "1", 0), 0);
	mark(t, "counted as well");
	expect_marks(t, ": counted\n", 0, 1);
	/* A number of the clock, not seconds. */
	KT_EXPECT_EQ(t, file_count(T "snapshot", ".0"), 0);
	KT_EXPECT_EQ(t, file_count(T "trace", ".0"), 0);
	KT_EXPECT_EQ(t, file_write(T "trace_clock", "local", 0), 0);
	KT_EXPECT(t, file_is(T "snapshot", ALLOCATED HELP));
	KT_EXPECT_EQ(t, file_write(T "snapshot", "0", 0), 0);
	/* The first buffer can grow as far as ever, whichever memory it has got by exchanges. */
	KT_EXPECT_EQ(t, tracing_resize(&global_trace, usual, RING_BUFFER_ALL_CPUS), 0);
	end(t);
}

/* A reader keeps it, and its text ends where buffers were exchanged. */
KTEST(snapshot, while_it_is_read)
{
	struct file *file;
	char byte;

	begin(t);
	mark(t, "first");
	KT_EXPECT_EQ(t, file_write(T "snapshot", "1", 0), 0);
	file = vfs_open(T "snapshot", O_RDONLY, 0);
	KT_ASSERT(t, !IS_ERR(file));
	KT_EXPECT_EQ(t, vfs_read(file, &byte, 1), 1);
	KT_EXPECT_EQ(t, file_write(T "snapshot", "0", 0), -EBUSY);
	KT_EXPECT(t, file_has(T "error_log", "Somebody reads it"));
	/* Both buffers have one size, so that of the first one stays too. */
	KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", "64", 0), -EBUSY);
	KT_EXPECT_EQ(t, ring_buffer_size(global_trace.snapshot, 0),
		     ring_buffer_size(global_trace.buffer, 0));
	KT_EXPECT_EQ(t, file_write(T "snapshot", "1", 0), 0);
	while (vfs_read(file, &byte, 1) == 1)
		;
	vfs_close(file);
	KT_EXPECT_EQ(t, file_write(T "snapshot", "0", 0), 0);
	end(t);
}

KTEST(snapshot, bad_input)
{
	static const char *const words[] = { "-1", "one", "1 2" };

	begin(t);
	for (unsigned int n = 0; n < ARRAY_SIZE(words); n++)
		KT_EXPECT_EQ(t, file_write(T "snapshot", words[n], 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(T "snapshot", "99999999999999999999", 0), -ERANGE);
	KT_EXPECT(t, file_is(T "snapshot", FREED HELP));
	end(t);
}

/* Snapshots while everything is traced on all CPUs: each file stays readable. */
KTEST(snapshot, while_all_functions_are_traced)
{
	tracing_restore(t);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function", 0), 0);
	for (unsigned int n = 0; n < 6; n++) {
		KT_EXPECT_EQ(t, kt_outer(kt_tail_end, 40), 43);
		KT_EXPECT_EQ(t, file_write(T "snapshot", "1", 0), 0);
		KT_EXPECT(t, file_count(T "snapshot", "kt_inner <-kt_outer") > 0);
	}
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	end(t);
}
