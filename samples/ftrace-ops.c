/* SPDX-License-Identifier: MIT */
/*
 * The smallest client of the function tracer: one callback on a few functions, which counts their
 * calls. Type `insmod ftrace-ops`, do something with files, then `rmmod ftrace-ops`, and the log
 * tells what was counted. The same source compiles for Linux.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/string.h>

static atomic_long_t nr_calls;
static unsigned long last_ip, last_parent_ip;

/*
 * Runs at the entry of each function that the filter matches, in any context. So it is notrace,
 * takes no locks and does not sleep.
 */
static void notrace my_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
				struct ftrace_regs *fregs)
{
	atomic_long_inc(&nr_calls);
	WRITE_ONCE(last_ip, ip);
	WRITE_ONCE(last_parent_ip, parent_ip);
}

static char filter[] = "vfs_*";
static struct ftrace_ops my_ops = {
	.func = my_callback,
};

static int __init ftrace_ops_init(void)
{
	int ret = ftrace_set_filter(&my_ops, (void *)filter, sizeof(filter) - 1, 1);

	if (ret)
		return ret;
	ret = register_ftrace_function(&my_ops);
	if (ret)
		ftrace_free_filter(&my_ops);
	return ret;
}

static void __exit ftrace_ops_exit(void)
{
	unregister_ftrace_function(&my_ops);
	ftrace_free_filter(&my_ops);
	pr_info("%ld calls of %s", atomic_long_read(&nr_calls), filter);
	if (last_ip)
		pr_cont(", the last one of %pS from %pS", (void *)last_ip, (void *)last_parent_ip);
	pr_cont("\n");
	atomic_long_set(&nr_calls, 0);
	last_ip = 0;
}

module_init(ftrace_ops_init);
module_exit(ftrace_ops_exit);

MODULE_AUTHOR("The Patchbay authors");
MODULE_DESCRIPTION("Example of a callback on functions, with ftrace_ops");
MODULE_LICENSE("Dual MIT/GPL");
