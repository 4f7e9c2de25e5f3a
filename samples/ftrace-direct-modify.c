/* SPDX-License-Identifier: MIT */
/*
 * A direct call whose target is exchanged every second while it is in use. Each wake_up_process()
 * calls either the one or the other, and never none.
 */
#include <linux/err.h>
#include <linux/ftrace.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include "ftrace-direct-tramp.h"

static void __used notrace my_direct_func1(struct task_struct *p)
{
	trace_printk("my direct func1: waking up %s-%d\n", p->comm, p->pid);
}

static void __used notrace my_direct_func2(struct task_struct *p)
{
	trace_printk("my direct func2: waking up %s-%d\n", p->comm, p->pid);
}

extern void my_tramp1(void *);
extern void my_tramp2(void *);
DIRECT_TRAMP(my_tramp1, my_direct_func1);
DIRECT_TRAMP(my_tramp2, my_direct_func2);

static const unsigned long my_tramps[2] = {
	(unsigned long)my_tramp1,
	(unsigned long)my_tramp2,
};
static unsigned long my_tramp;
static struct ftrace_ops direct;
static struct task_struct *switcher;

static int switch_every_second(void *arg)
{
	int which = 0;

	set_current_state(TASK_INTERRUPTIBLE);
	while (!kthread_should_stop()) {
		schedule_timeout(HZ);
		set_current_state(TASK_RUNNING);
		if (kthread_should_stop())
			break;
		/* Unregistering needs the address that is attached: only success changes it. */
		if (!modify_ftrace_direct(&direct, my_tramps[!which])) {
			which = !which;
			my_tramp = my_tramps[which];
		}
		set_current_state(TASK_INTERRUPTIBLE);
	}
	set_current_state(TASK_RUNNING);
	return 0;
}

static int __init ftrace_direct_modify_init(void)
{
	int ret = ftrace_set_filter_ip(&direct, (unsigned long)wake_up_process, 0, 0);

	my_tramp = my_tramps[0];
	if (!ret)
		ret = register_ftrace_direct(&direct, my_tramp);
	if (ret)
		goto out_filter;
	switcher = kthread_run(switch_every_second, NULL, "direct-modify");
	if (!IS_ERR(switcher))
		return 0;
	/* The filter stays with both ways of failing, and is freed below. */
	ret = (int)PTR_ERR(switcher);
	unregister_ftrace_direct(&direct, my_tramp, false);
out_filter:
	ftrace_free_filter(&direct);
	return ret;
}

static void __exit ftrace_direct_modify_exit(void)
{
	kthread_stop(switcher);
	unregister_ftrace_direct(&direct, my_tramp, true);
}

module_init(ftrace_direct_modify_init);
module_exit(ftrace_direct_modify_exit);

MODULE_AUTHOR("The Patchbay authors");
MODULE_DESCRIPTION("Example of a direct call that is modified while in use");
MODULE_LICENSE("Dual MIT/GPL");
