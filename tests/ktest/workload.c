/* SPDX-License-Identifier: MIT */
/* The workloads check their own results; here they are run, and nothing may be left of them. */
#include "kernel/errno.h"
#include "kernel/ktest.h"
#include "kernel/mm.h"
#include "kernel/sched.h"
#include "kernel/string.h"
#include "kernel/time.h"
#include "kernel/vfs.h"
#include "kernel/workload/workload.h"

static int count_thread(struct task_struct *task, void *arg)
{
	(void)task;
	++*(unsigned int *)arg;
	return 0;
}

/* How many threads there are, once those that ended are off their CPUs: that is not changing. */
static unsigned int count_threads(void)
{
	unsigned int last, n = 0, tries = 0;

	do {
		last = n;
		n = 0;
		for_each_thread(count_thread, &n);
		if (n != last)
			msleep(20);
	} while (n != last && ++tries < 50);
	return n;
}

static void run_one(struct ktest *t, const char *name)
{
	unsigned int before = count_threads();
	struct workload_run run;
	u64 start = ktime_get_ns();

	KT_EXPECT_EQ(t, workload_execute(name, 50, &run), 0);
	KT_EXPECT(t, ktime_get_ns() - start >= 50 * NSEC_PER_MSEC);
	KT_EXPECT(t, strlen(run.report) > 10);
	KT_EXPECT(t, run.report[0] != '0');	/* it did something */
	KT_EXPECT_EQ(t, count_threads(), before);
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

	run_one(t, "mm");			/* slabs and page tables grow once */
	mm_get_stats(&before);
	run_one(t, "mm");
	mm_get_stats(&after);
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
	mm_fail_after(0);
	KT_EXPECT_EQ(t, workload_execute("mm", 10, &run), -ENOMEM);
	mm_fail_after(3);
	KT_EXPECT(t, workload_execute("sched", 10, &run) < 0);
	mm_fail_after(2);
	KT_EXPECT(t, workload_execute("fs", 10, &run) < 0);
	mm_fail_after(-1);
	KT_EXPECT_EQ(t, workload_execute("fs", 10, &run), 0);
	KT_EXPECT_EQ(t, workload_execute("sched", 10, &run), 0);
}
