/* SPDX-License-Identifier: MIT */
/*
 * A client that includes as little as clients for Linux do: what <linux/ftrace.h>, <linux/module.h>
 * and <linux/sched/stat.h> include on Linux must come with them here. For a moment it counts calls
 * of a function of the kernel in memory of its own, and prints names.
 */
#include <linux/module.h>
#include <linux/ftrace.h>
#include <linux/sched/stat.h>

static unsigned int nr = 4;
module_param(nr, uint, 0444);
MODULE_PARM_DESC(nr, "how many ops");

struct client {
	struct ftrace_ops ops;
	struct list_head node;
	unsigned long hits;
};

static LIST_HEAD(clients);
static DEFINE_MUTEX(clients_mutex);
static DEFINE_SPINLOCK(hits_lock);

static void notrace count(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			  struct ftrace_regs *fregs)
{
	struct client *client = container_of(op, struct client, ops);

	WRITE_ONCE(client->hits, READ_ONCE(client->hits) + 1);
}

static int __init start(struct client *client, unsigned long ip)
{
	int err;

	client->ops.func = count;
	client->ops.flags = FTRACE_OPS_FL_RECURSION;
	err = ftrace_set_filter_ip(&client->ops, ip, 0, 0);
	if (!err)
		err = register_ftrace_function(&client->ops);
	if (!err)
		list_add_tail(&client->node, &clients);
	return err;
}

static int __init linux_includes_init(void)
{
	struct client *client, *array = kcalloc(nr, sizeof(*array), GFP_KERNEL);
	unsigned long start_ip = (unsigned long)wake_up_process, missed = 0, flags;
	ktime_t before = ktime_get();
	char name[KSYM_SYMBOL_LEN];
	int err = 0;

	if (!array)
		return -ENOMEM;
	mutex_lock(&clients_mutex);
	for (unsigned int i = 0; i < nr && !err; i++)
		err = start(&array[i], start_ip);
	wake_up_process(current);
	list_for_each_entry(client, &clients, node) {
		spin_lock_irqsave(&hits_lock, flags);
		missed += !client->hits;
		spin_unlock_irqrestore(&hits_lock, flags);
		unregister_ftrace_function(&client->ops);
		ftrace_free_filter(&client->ops);
	}
	mutex_unlock(&clients_mutex);
	kfree(array);
	sprint_symbol_no_offset(name, start_ip);
	pr_info("%s: %u ops on %s, %lu missed a call, %lld ns\n", current->comm, nr, name, missed,
		(long long)ktime_to_ns(ktime_sub(ktime_get(), before)));
	if (WARN_ON_ONCE(strcmp(name, "wake_up_process")))
		return -EINVAL;
	return missed ? -EIO : err;
}

static void __exit linux_includes_exit(void)
{
}

module_init(linux_includes_init);
module_exit(linux_includes_exit);

MODULE_DESCRIPTION("What clients for Linux count on");
MODULE_LICENSE("MIT");
