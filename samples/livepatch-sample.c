/* SPDX-License-Identifier: MIT */
/*
 * Replaces a function of the running kernel: whoever reads /proc/cmdline gets the text of
 * livepatch_cmdline_show(). At the entry of cmdline_show() a callback with IPMODIFY changes where
 * it goes on. rmmod gives the old version back. A thread that is in the replaced version at that
 * moment finishes it.
 */
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>

/* The new version. The same callers call it in the same way as the old one. */
static int livepatch_cmdline_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%s\n", "this has been live patched");
	return 0;
}

static void notrace patch_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
				   struct ftrace_regs *fregs)
{
	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)livepatch_cmdline_show);
}

static char replaced[] = "cmdline_show";
static struct ftrace_ops patch = {
	.func = patch_callback,
	.flags = FTRACE_OPS_FL_IPMODIFY,
};

static int __init livepatch_init(void)
{
	int ret = ftrace_set_filter(&patch, (void *)replaced, sizeof(replaced) - 1, 1);

	if (!ret)
		ret = register_ftrace_function(&patch);
	if (ret)
		ftrace_free_filter(&patch);
	return ret;
}

static void __exit livepatch_exit(void)
{
	unregister_ftrace_function(&patch);
	ftrace_free_filter(&patch);
}

module_init(livepatch_init);
module_exit(livepatch_exit);

MODULE_AUTHOR("The Patchbay authors");
MODULE_DESCRIPTION("Example of a function that is replaced while the kernel runs");
MODULE_LICENSE("Dual MIT/GPL");
