/* SPDX-License-Identifier: MIT */
/*
 * A direct call: at its entry wake_up_process() itself calls my_tramp(), which prints into the
 * trace who is woken up. There is no callback and no tracer in between; enabled_functions shows the
 * call. `rmmod ftrace-direct` removes it.
 */
#include <linux/ftrace.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include "ftrace-direct-tramp.h"

/* my_tramp() calls this with the traced function's arguments. */
static void __used notrace my_direct_func(struct task_struct *p)
{
	trace_printk("waking up %s-%d\n", p->comm, p->pid);
}

extern void my_tramp(void *);
DIRECT_TRAMP(my_tramp, my_direct_func);

static struct ftrace_ops direct;

static int __init ftrace_direct_init(void)
{
	int ret = ftrace_set_filter_ip(&direct, (unsigned long)wake_up_process, 0, 0);

	if (ret)
		return ret;
	ret = register_ftrace_direct(&direct, (unsigned long)my_tramp);
	if (ret)
		ftrace_free_filter(&direct);
	return ret;
}

static void __exit ftrace_direct_exit(void)
{
	unregister_ftrace_direct(&direct, (unsigned long)my_tramp, true);
}

module_init(ftrace_direct_init);
module_exit(ftrace_direct_exit);

MODULE_AUTHOR("The Patchbay authors");
MODULE_DESCRIPTION("Example of a direct call on a scheduler function");
MODULE_LICENSE("Dual MIT/GPL");
