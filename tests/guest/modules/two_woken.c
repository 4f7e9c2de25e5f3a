/* SPDX-License-Identifier: MIT */
/*
 * Two threads are woken on one CPU that is idle, while other CPUs are idle too: measures how long
 * it takes until both run. It is for tests/drive/console/counted.py, where time is that of the
 * guest alone; elsewhere a busy host would decide the result.
 */
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/delay.h>
#include "kernel/arch.h"

#define ROUNDS 20

static unsigned int nr_began;

static int begin_both(void *unused)
{
	__atomic_fetch_add(&nr_began, 1, __ATOMIC_RELAXED);
	while (READ_ONCE(nr_began) < 2)
		arch_cpu_relax();
	return 0;
}

/*
 * Called on CPU 0, which stays busy. Returns the time until both threads run that were woken on CPU
 * 1.
 */
static s64 wake_both(void)
{
	struct task_struct *tasks[2];
	unsigned long flags;
	ktime_t start, end;

	nr_began = 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(tasks); i++) {
		tasks[i] = kthread_create(begin_both, NULL, "woken/%u", i);
		if (IS_ERR(tasks[i]))
			panic("no memory for two threads");
		tasks[i]->cpus_allowed = ~0ul;
		tasks[i]->cpu = 1;
	}
	msleep(20);	/* what this left to do on the other CPUs gets done */
	flags = arch_irq_save();
	start = ktime_get();
	wake_up_process(tasks[0]);
	wake_up_process(tasks[1]);
	arch_irq_restore(flags);
	while (READ_ONCE(nr_began) < 2)
		arch_cpu_relax();
	end = ktime_get();
	kthread_join(tasks[0]);
	kthread_join(tasks[1]);
	return ktime_to_us(ktime_sub(end, start));
}

static int __init two_woken_init(void)
{
	s64 worst = 0;
	int err = set_cpus_allowed(1);

	for (unsigned int n = 0; n < ROUNDS && !err; n++)
		worst = max(worst, wake_both());
	pr_info("two_woken: both ran after %lld us at worst\n", (long long)worst);
	return err;
}

static void __exit two_woken_exit(void)
{
}

module_init(two_woken_init);
module_exit(two_woken_exit);
MODULE_LICENSE("MIT");
