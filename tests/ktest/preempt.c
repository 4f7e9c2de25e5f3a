/* SPDX-License-Identifier: MIT */
/*
 * Who lets others run again, by whatever way, looks whether somebody waits for that: a callback
 * wakes an urgent thread, which must run before the traced function's caller goes on. Untraced.
 */
#include "kernel/current.h"
#include "kernel/errno.h"
#include "kernel/ktest.h"
#include "kernel/mm.h"
#include "kernel/string.h"
#include "kernel/time.h"
#include "tests/ktest/targets.h"
#include "trace/ftrace.h"

#define NAME "handle_mm_fault"

static struct task_struct *urgent;
static unsigned int nr_runs;
static bool takes_ticks;

/* A thread that no interrupt reaches would wait here for ever, were it not for the count. */
static int run_once_woken(void *data)
{
	unsigned long tick = jiffies;
	u64 deadline = ktime_get_ns() + 5 * NSEC_PER_SEC;

	(void)data;
	while (tick == jiffies && ktime_get_ns() < deadline)
		arch_cpu_relax();
	takes_ticks = tick != jiffies;
	WRITE_ONCE(nr_runs, nr_runs + 1);
	return 0;
}

static void wake_urgent(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			struct ftrace_regs *fregs)
{
	(void)ip, (void)parent_ip, (void)op, (void)fregs;
	wake_up_process(urgent);
}

static bool make_urgent(void)
{
	urgent = kthread_create(run_once_woken, NULL, "ktest-urgent");
	if (IS_ERR(urgent))
		return false;
	set_user_nice(urgent, -10);
	nr_runs = 0;
	takes_ticks = false;
	return true;
}

/* The fault is handled with interrupts off, so that its end must look. */
KTEST(preempt, page_fault)
{
	struct ftrace_ops ops = { .func = wake_urgent };
	char *page = vmalloc_lazy(PAGE_SIZE);

	kt_one_cpu(t);
	KT_ASSERT(t, page && make_urgent());
	KT_ASSERT(t, !ftrace_set_filter(&ops, NAME, strlen(NAME), 1));
	KT_ASSERT(t, !register_ftrace_function(&ops));
	WRITE_ONCE(*page, 1);
	KT_EXPECT_EQ(t, READ_ONCE(nr_runs), 1);
	KT_EXPECT(t, takes_ticks && !arch_irqs_disabled());
	kthread_join(urgent);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&ops), 0);
	ftrace_free_filter(&ops);
	vfree(page);
}
