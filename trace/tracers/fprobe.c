/* SPDX-License-Identifier: MIT */
/*
 * fprobe: handlers at both ends of functions, on top of the function graph; see fprobe.h. Untraced,
 * because the function graph calls it.
 */
#include "trace/tracers/fprobe.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lockdep.h"
#include "kernel/trace_hooks.h"

static DEFINE_MUTEX(fprobe_lock);	/* registering */
static LIST_HEAD(fprobes);

/* --- The handlers --- */

/* For a probe with an exit handler. Returns whether that is to be called. */
static int fprobe_graph_entry(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
			      struct ftrace_regs *fregs)
{
	struct fprobe *fp = container_of(gops, struct fprobe, gops);
	void *data = NULL;

	if (fprobe_disabled(fp))
		return 0;
	if (fp->entry_data_size) {
		data = fgraph_reserve_data(gops->idx, (int)fp->entry_data_size);
		if (!data) {
			/* Threads on several CPUs may come here: a lost count does no harm. */
			WRITE_ONCE(fp->nmissed, READ_ONCE(fp->nmissed) + 1);
			return 0;
		}
	}
	return !fp->entry_handler ||
	       !fp->entry_handler(fp, arch_ftrace_function(trace->func), fgraph_return_address(),
				  fregs, data);
}

static void fprobe_graph_return(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
				struct ftrace_regs *fregs)
{
	struct fprobe *fp = container_of(gops, struct fprobe, gops);

	if (fprobe_disabled(fp))
		return;
	fp->exit_handler(fp, arch_ftrace_function(trace->func), fgraph_return_address(), fregs,
			 fgraph_retrieve_data(gops->idx, NULL));
}

/* For a probe without an exit handler. */
static void fprobe_entry(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			 struct ftrace_regs *fregs)
{
	struct fprobe *fp = container_of(op, struct fprobe, gops.ops);

	if (!fprobe_disabled(fp))
		fp->entry_handler(fp, arch_ftrace_function(ip),
				  fgraph_true_parent(parent_ip, fregs), fregs, NULL);
}

/* --- Registering --- */

static bool is_registered(const struct fprobe *fp)
{
	const struct fprobe *other;

	lockdep_assert_held(&fprobe_lock);
	list_for_each_entry(other, &fprobes, list) {
		if (other == fp)
			return true;
	}
	return false;
}

bool fprobe_is_registered(struct fprobe *fp)
{
	bool registered;

	mutex_lock(&fprobe_lock);
	registered = is_registered(fp);
	mutex_unlock(&fprobe_lock);
	return registered;
}

static int refuse(const struct fprobe *fp, const char *why, int err)
{
	pr_warn("fprobe: %pS: %s: error %d\n", (const void *)fp, why, err);
	return err;
}

static int check(const struct fprobe *fp)
{
	if (is_registered(fp))
		return refuse(fp, "registered already", -EBUSY);
	if (!fp->entry_handler && !fp->exit_handler)
		return refuse(fp, "no handler", -EINVAL);
	if (fp->entry_data_size > MAX_FPROBE_DATA_SIZE)
		return refuse(fp, "too many bytes of data for a call", -E2BIG);
	return 0;
}

/* The filters are set. Without an exit handler no function needs to have its return hidden. */
static int start(struct fprobe *fp)
{
	struct fgraph_ops *gops = &fp->gops;

	fp->nmissed = 0;
	gops->entryfunc = fprobe_graph_entry;
	gops->retfunc = fprobe_graph_return;
	gops->ops.flags = 0;
	if (fp->exit_handler)
		return register_ftrace_graph(gops);
	gops->ops.func = fprobe_entry;
	gops->ops.flags = FTRACE_OPS_FL_RECURSION;
	return register_ftrace_function(&gops->ops);
}

/* What the three ways to name functions share: @set_filters(fp, arg) returns 0 or -errno. */
static int register_with(struct fprobe *fp, int (*set_filters)(struct fprobe *fp, void *arg),
			 void *arg)
{
	int err;

	might_sleep();
	if (!fp)
		return -EINVAL;
	mutex_lock(&fprobe_lock);
	/* Only a probe that is not registered may have its filters changed: this comes first. */
	err = check(fp);
	if (!err) {
		err = set_filters(fp, arg);
		if (!err)
			err = start(fp);
		if (err)
			ftrace_free_filter(&fp->gops.ops);
		else
			list_add(&fp->list, &fprobes);
	}
	mutex_unlock(&fprobe_lock);
	return err;
}

struct patterns {
	const char *filter, *notfilter;
};

static int set_patterns(struct fprobe *fp, void *arg)
{
	const struct patterns *patterns = arg;
	struct ftrace_ops *ops = &fp->gops.ops;
	int err = ftrace_set_filter(ops, patterns->filter, (int)strlen(patterns->filter), 1);

	if (!err && patterns->notfilter)
		err = ftrace_set_notrace(ops, patterns->notfilter,
					 (int)strlen(patterns->notfilter), 1);
	return err ? refuse(fp, "no function matches, or no memory", err) : 0;
}

int register_fprobe(struct fprobe *fp, const char *filter, const char *notfilter)
{
	struct patterns patterns = { filter, notfilter };

	return filter ? register_with(fp, set_patterns, &patterns) : -EINVAL;
}

struct addresses {
	unsigned long *addrs;
	unsigned int num;
};

static int set_addresses(struct fprobe *fp, void *arg)
{
	const struct addresses *list = arg;
	int err = ftrace_set_filter_ips(&fp->gops.ops, list->addrs, list->num, 0, 1);

	return err ? refuse(fp, "an address is of no traced function, or no memory", err) : 0;
}

int register_fprobe_ips(struct fprobe *fp, unsigned long *addrs, int num)
{
	struct addresses list = { addrs, (unsigned int)num };

	return addrs && num > 0 ? register_with(fp, set_addresses, &list) : -EINVAL;
}

int register_fprobe_syms(struct fprobe *fp, const char **syms, int num)
{
	struct addresses list = { NULL, (unsigned int)num };
	int err = 0;

	if (!syms || num <= 0)
		return -EINVAL;
	list.addrs = kcalloc(list.num, sizeof(*list.addrs), GFP_KERNEL);
	if (!list.addrs)
		return -ENOMEM;
	/* All names are looked up before anything is attached: a wrong one changes nothing. */
	for (unsigned int n = 0; n < list.num && !err; n++) {
		list.addrs[n] = kallsyms_lookup_name(syms[n]);
		if (!list.addrs[n]) {
			pr_warn("fprobe: there is no function %s\n", syms[n]);
			err = -ESRCH;
		}
	}
	if (!err)
		err = register_with(fp, set_addresses, &list);
	kfree(list.addrs);
	return err;
}

static int unregister_locked(struct fprobe *fp)
{
	struct fgraph_ops *gops = &fp->gops;
	int err;

	lockdep_assert_held(&fprobe_lock);
	/* Not by the exit handler, which its owner may have changed. */
	err = gops->ops.func == fprobe_entry ? unregister_ftrace_function(&gops->ops) :
		unregister_ftrace_graph(gops);
	if (err)
		return err;
	list_del(&fp->list);
	ftrace_free_filter(&gops->ops);
	return 0;
}

int unregister_fprobe(struct fprobe *fp)
{
	int err = -EINVAL;

	might_sleep();
	mutex_lock(&fprobe_lock);
	if (is_registered(fp))
		err = unregister_locked(fp);
	mutex_unlock(&fprobe_lock);
	return err;
}

/* --- Modules --- */

static bool is_in(const struct fprobe *fp, unsigned long start, unsigned long end)
{
	const unsigned long places[] = {
		(unsigned long)fp, (unsigned long)fp->entry_handler,
		(unsigned long)fp->exit_handler, (unsigned long)fp->calls[0],
		(unsigned long)fp->calls[1],
	};

	/* One unsigned comparison is enough: an address below start becomes a very large number. */
	for (unsigned int n = 0; n < ARRAY_SIZE(places); n++) {
		if (places[n] - start < end - start)
			return true;
	}
	return false;
}

bool fprobe_module_stop(const char *name, unsigned long start, unsigned long end)
{
	struct fprobe *fp, *next;
	bool all = true;

	mutex_lock(&fprobe_lock);
	list_for_each_entry_safe(fp, next, &fprobes, list) {
		if (!is_in(fp, start, end))
			continue;
		if (unregister_locked(fp))
			all = false;
		else
			pr_warn("ftrace: %s left an fprobe registered: taken back\n", name);
	}
	mutex_unlock(&fprobe_lock);
	return all;
}
