/* SPDX-License-Identifier: MIT */
/*
 * A direct call on the function that livepatch-sample replaces, loaded before or after it.
 * my_tramp() returns to the address that it is given, so the two may share the function, and it
 * agrees to that. `insmod` both and read /proc/cmdline: the trace tells who read it, and the text
 * that was read is the new version's.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
#include "ftrace-direct-tramp.h"

static void __used notrace my_direct_func(void)
{
	trace_printk("%s reads /proc/cmdline\n", current->comm);
}

extern void my_tramp(void *);
DIRECT_TRAMP(my_tramp, my_direct_func);

/*
 * The answer is the same to every question: the new version of the function is welcome, and so is
 * the old one.
 */
static int my_ops_func(struct ftrace_ops *op, enum ftrace_ops_cmd cmd)
{
	static const char *const what[] = {
		[FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_SELF] = "comes to a patched function",
		[FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_PEER] = "its function is being patched",
		[FTRACE_OPS_CMD_DISABLE_SHARE_IPMODIFY_PEER] = "its function is its own again",
	};

	pr_info("%s\n", what[cmd]);
	return 0;
}

static char filter[] = "cmdline_show";
static struct ftrace_ops direct = {
	.ops_func = my_ops_func,
};

static int __init livepatch_direct_init(void)
{
	int ret = ftrace_set_filter(&direct, (void *)filter, sizeof(filter) - 1, 1);

	if (!ret)
		ret = register_ftrace_direct(&direct, (unsigned long)my_tramp);
	if (ret)
		ftrace_free_filter(&direct);
	return ret;
}

static void __exit livepatch_direct_exit(void)
{
	unregister_ftrace_direct(&direct, (unsigned long)my_tramp, true);
}

module_init(livepatch_direct_init);
module_exit(livepatch_direct_exit);

MODULE_AUTHOR("The Patchbay authors");
MODULE_DESCRIPTION("Example of a direct call beside a live patch");
MODULE_LICENSE("Dual MIT/GPL");
