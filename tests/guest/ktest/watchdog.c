/* SPDX-License-Identifier: MIT */
/*
 * A CPU that the host stops again and again, as the other CPUs see it, and a CPU that cannot
 * schedule before it: neither is a lock-up. This needs watchdog_thresh=1.
 * tests/drive/boot/watchdog.py tests real lock-ups.
 */
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/sched.h"
#include "kernel/time.h"
#include "tests/guest/ktest/ktest.h"

#define STOPS 3
#define STOP_NS (900 * NSEC_PER_MSEC)	/* less than the threshold, with a tick in each second */

static bool goes_on;

/* Stops the ticks for that time; one comes when it ends. */
static void stand_still(void)
{
	u64 end = ktime_get_ns() + STOP_NS;

	arch_irq_disable();
	while (ktime_get_ns() < end)
		arch_cpu_relax();
	arch_irq_enable();
}

static int stand_still_often(void *unused)
{
	unsigned int n;

	for (n = 0; n < STOPS; n++)
		stand_still();
	WRITE_ONCE(goes_on, true);
	return 0;
}

static int wait_for_it(void *unused)
{
	preempt_disable();
	while (!READ_ONCE(goes_on))
		arch_cpu_relax();
	preempt_enable();
	return 0;
}

KTEST(watchdog, waiting_for_a_stopped_cpu_is_no_lockup)
{
	struct task_struct *stops, *waits;
	char thresh[4];

	if (nr_cpus_online < 3)
		KT_SKIP(t, "needs 3 CPUs");
	if (!boot_param_value("watchdog_thresh", thresh, sizeof(thresh)) || strcmp(thresh, "1"))
		KT_SKIP(t, "needs watchdog_thresh=1");
	WRITE_ONCE(goes_on, false);
	stops = kthread_create(stand_still_often, NULL, "ktest-stops");
	waits = kthread_create(wait_for_it, NULL, "ktest-waits");
	KT_ASSERT(t, !IS_ERR(stops) && !IS_ERR(waits));
	kthread_bind(stops, 2);
	kthread_bind(waits, 1);
	wake_up_process(waits);
	wake_up_process(stops);
	KT_EXPECT_EQ(t, kthread_join(stops), 0);
	KT_EXPECT_EQ(t, kthread_join(waits), 0);
}
