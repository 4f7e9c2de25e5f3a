/* SPDX-License-Identifier: MIT */
/*
 * A kprobe at the entry of a function, and a kretprobe at its return. Type `insmod kprobe-sample`,
 * do something with files, then read the trace. symbol= names another function. The same source
 * compiles for Linux.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/module.h>

static char symbol[64] = "vfs_read";
module_param_string(symbol, symbol, sizeof(symbol), 0444);
MODULE_PARM_DESC(symbol, "the function");

/* The handlers run in any context, so they take no locks and do not sleep. */
static int notrace before(struct kprobe *p, struct pt_regs *regs)
{
	trace_printk("%s is called\n", p->symbol_name);
	return 0;
}

static struct kprobe entry_probe = {
	.symbol_name = symbol,
	.pre_handler = before,
};

struct call {
	ktime_t begun;
};

static int begin(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	((struct call *)ri->data)->begun = ktime_get();
	return 0;
}
NOKPROBE_SYMBOL(begin);

static int end(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct call *call = (const struct call *)ri->data;
	s64 ns = ktime_to_ns(ktime_sub(ktime_get(), call->begun));

	trace_printk("%s returned %lu to %ps after %lld ns\n", get_kretprobe(ri)->kp.symbol_name,
		     regs_return_value(regs), (void *)get_kretprobe_retaddr(ri), (long long)ns);
	return 0;
}
NOKPROBE_SYMBOL(end);

static struct kretprobe return_probe = {
	.kp.symbol_name = symbol,
	.handler = end,
	.entry_handler = begin,
	.data_size = sizeof(struct call),
	.maxactive = 20,
};

static int __init kprobe_sample_init(void)
{
	int ret = register_kprobe(&entry_probe);

	if (ret)
		return ret;
	ret = register_kretprobe(&return_probe);
	if (ret)
		unregister_kprobe(&entry_probe);
	return ret;
}

static void __exit kprobe_sample_exit(void)
{
	unregister_kretprobe(&return_probe);
	unregister_kprobe(&entry_probe);
	pr_info("%d calls of %s missed\n", return_probe.nmissed, symbol);
}

module_init(kprobe_sample_init);
module_exit(kprobe_sample_exit);

MODULE_AUTHOR("The Patchbay authors");
MODULE_DESCRIPTION("Example of a kprobe and a kretprobe");
MODULE_LICENSE("Dual MIT/GPL");
