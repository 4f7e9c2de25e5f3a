/* SPDX-License-Identifier: MIT */
/*
 * Both ends of functions, with data that goes from one to the other: how long each call took. Type
 * `insmod fprobe-sample`, do something with files, then read the trace. filter= names other
 * functions (one pattern, or names with commas between). The same source compiles for Linux 6.14.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fprobe.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static char filter[128] = "vfs_read";
module_param_string(filter, filter, sizeof(filter), 0444);
MODULE_PARM_DESC(filter, "what to probe: a pattern, or names with commas between");

/* Both handlers run in any context, so they are notrace, take no locks and do not sleep. */
static int notrace begin(struct fprobe *fp, unsigned long entry_ip, unsigned long ret_ip,
			 struct ftrace_regs *fregs, void *data)
{
	*(u64 *)data = ktime_get_ns();
	return 0;
}

static void notrace end(struct fprobe *fp, unsigned long entry_ip, unsigned long ret_ip,
			struct ftrace_regs *fregs, void *data)
{
	u64 ns = ktime_get_ns() - *(u64 *)data;

	trace_printk("%ps, called from %ps, took %llu ns and returned %ld\n", (void *)entry_ip,
		     (void *)ret_ip, ns, (long)ftrace_regs_get_return_value(fregs));
}

static struct fprobe probe = {
	.entry_handler = begin,
	.exit_handler = end,
	.entry_data_size = sizeof(u64),
};

static int register_names(char *names)
{
	const char *syms[16];
	int nr = 0;

	while (names && nr < 16)
		syms[nr++] = strsep(&names, ",");
	return names ? -E2BIG : register_fprobe_syms(&probe, syms, nr);
}

static int __init fprobe_sample_init(void)
{
	char *names;
	int ret;

	if (strchr(filter, '*'))
		return register_fprobe(&probe, filter, NULL);
	names = kstrdup(filter, GFP_KERNEL);
	if (!names)
		return -ENOMEM;
	ret = register_names(names);
	kfree(names);
	return ret;
}

static void __exit fprobe_sample_exit(void)
{
	unregister_fprobe(&probe);
	pr_info("%lu calls of %s missed\n", probe.nmissed, filter);
}

module_init(fprobe_sample_init);
module_exit(fprobe_sample_exit);

MODULE_AUTHOR("The Patchbay authors");
MODULE_DESCRIPTION("Example of handlers at both ends of functions, with fprobe");
MODULE_LICENSE("Dual MIT/GPL");
