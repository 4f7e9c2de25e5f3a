/* SPDX-License-Identifier: MIT */
/* The workloads check their own results. Here they are run, and nothing of theirs may be left. */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/sched.h"
#include "kernel/time.h"
#include "samples/workload/workload.h"
#include "tests/guest/ktest/ktest.h"

#define LONGEST_MS 6400

static void run_one(struct ktest *t, const char *name)
{
	unsigned int before = kt_count_threads(), ms = 25;
	struct workload_run run;

	do {
		u64 start = ktime_get_ns();

		ms *= 2;
		KT_EXPECT_EQ(t, workload_execute(name, ms, &run), 0);
		KT_EXPECT(t, ktime_get_ns() - start >= ms * NSEC_PER_MSEC);
		KT_EXPECT(t, strlen(run.report) > 10);
		/* If nothing was done, the host may have kept a CPU from running for so long. */
	} while (run.report[0] == '0' && ms < LONGEST_MS);
	KT_EXPECT(t, run.report[0] != '0');
	KT_EXPECT_EQ(t, kt_count_threads(), before);
}

KTEST(workload, sched)
{
	run_one(t, "sched");
}

KTEST(workload, fs)
{
	struct stat st;

	run_one(t, "fs");
	KT_EXPECT_EQ(t, vfs_stat("/tmp/workload", &st), -ENOENT);
}

KTEST(workload, mm)
{
	struct mm_stats before, after;

	run_one(t, "mm");			/* slabs and page tables grow in the first run */
	kt_mm_stats(&before);
	run_one(t, "mm");
	kt_mm_stats(&after);
	KT_EXPECT_EQ(t, after.vmap_pages, before.vmap_pages);
	KT_EXPECT(t, (long)(before.free_pages - after.free_pages) < 64);
}

KTEST(workload, cpu)
{
	run_one(t, "cpu");
}

KTEST(workload, refusals)
{
	struct workload_run run;

	KT_EXPECT_EQ(t, workload_execute("none", 10, &run), -ENOENT);
	KT_EXPECT_EQ(t, workload_execute("", 10, &run), -ENOENT);
	/* Each runs for a second, so that it comes to the failure even on a busy host. */
	mm_fail_after(0);
	KT_EXPECT_EQ(t, workload_execute("mm", 1000, &run), -ENOMEM);
	mm_fail_after(3);
	KT_EXPECT(t, workload_execute("sched", 1000, &run) < 0);
	mm_fail_after(2);
	KT_EXPECT(t, workload_execute("fs", 1000, &run) < 0);
	mm_fail_after(-1);
	KT_EXPECT_EQ(t, workload_execute("fs", 10, &run), 0);
	KT_EXPECT_EQ(t, workload_execute("sched", 10, &run), 0);
}
