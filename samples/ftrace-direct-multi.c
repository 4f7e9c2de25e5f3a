/* SPDX-License-Identifier: MIT */
/*
 * One direct function that is attached to several functions. It prints which of them called it, by
 * the address at which that function resumes.
 */
#include <linux/ftrace.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include "ftrace-direct-tramp.h"

static void __used notrace my_direct_func(unsigned long ip)
{
	trace_printk("my direct func ip %lx (%pS)\n", ip, (void *)ip);
}

extern void my_tramp(void *);
DIRECT_TRAMP_IP(my_tramp, my_direct_func);

static struct ftrace_ops direct;

static int __init ftrace_direct_multi_init(void)
{
	int ret = ftrace_set_filter_ip(&direct, (unsigned long)wake_up_process, 0, 0);

	if (!ret)
		ret = ftrace_set_filter_ip(&direct, (unsigned long)schedule, 0, 0);
	if (!ret)
		ret = register_ftrace_direct(&direct, (unsigned long)my_tramp);
	if (ret)
		ftrace_free_filter(&direct);
	return ret;
}

static void __exit ftrace_direct_multi_exit(void)
{
	unregister_ftrace_direct(&direct, (unsigned long)my_tramp, true);
}

module_init(ftrace_direct_multi_init);
module_exit(ftrace_direct_multi_exit);

MODULE_AUTHOR("The Patchbay authors");
MODULE_DESCRIPTION("Example of one direct call on several functions");
MODULE_LICENSE("Dual MIT/GPL");
