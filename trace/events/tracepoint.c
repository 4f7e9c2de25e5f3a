/* SPDX-License-Identifier: MIT */
/*
 * Probes of tracepoints. A tracepoint's list of probes is never changed: another one takes its
 * place, and the old one is freed when no thread is in the function that walks it, which the stacks
 * tell (trace/core/reclaim.h). So a call of the probes costs no lock and no count.
 */
#include "kernel/tracepoint.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/wait.h"
#include "trace/core/jump.h"
#include "trace/core/reclaim.h"

extern struct tracepoint *const __start_tracepoints[], *const __stop_tracepoints[];

static DEFINE_MUTEX(tracepoints_mutex);

static unsigned int count_probes(const struct tracepoint *tp)
{
	unsigned int nr = 0;

	while (tp->funcs && tp->funcs[nr].func)
		nr++;
	return nr;
}

/* Returns the probe's place in the list; the list's length if it is not there. */
static unsigned int find_probe(const struct tracepoint *tp, void *probe, void *data)
{
	unsigned int i = 0, nr = count_probes(tp);

	while (i < nr && (tp->funcs[i].func != probe || tp->funcs[i].data != data))
		i++;
	return i;
}

/* A thread may walk the old list until it has left the function that does. */
static void replace(struct tracepoint *tp, struct tracepoint_func *funcs)
{
	struct tracepoint_func *old = tp->funcs;

	lockdep_assert_held(&tracepoints_mutex);
	smp_store_release(&tp->funcs, funcs);
	if (!old)
		return;
	ftrace_wait_until_function_left((unsigned long)tp->iterator);
	kfree(old);
}

static int add_probe(struct tracepoint *tp, void *probe, void *data)
{
	unsigned int nr = count_probes(tp);
	struct tracepoint_func *funcs;
	int err = 0;

	if (find_probe(tp, probe, data) < nr)
		return -EEXIST;
	funcs = kcalloc(nr + 2, sizeof(*funcs), GFP_KERNEL);
	if (!funcs)
		return -ENOMEM;
	if (nr)
		memcpy(funcs, tp->funcs, nr * sizeof(*funcs));
	funcs[nr] = (struct tracepoint_func){ probe, data };
	/* The list is there before the jump is. */
	replace(tp, funcs);
	if (!nr)
		err = ftrace_jumps_set(&tp->key, true);
	if (err)
		replace(tp, NULL);
	return err;
}

static int remove_probe(struct tracepoint *tp, void *probe, void *data)
{
	unsigned int nr = count_probes(tp), at = find_probe(tp, probe, data);
	struct tracepoint_func *funcs;
	int err;

	if (at == nr)
		return -ENOENT;
	if (nr == 1) {
		/* The jump goes first: then nobody comes to the list any more. */
		err = ftrace_jumps_set(&tp->key, false);
		if (!err)
			replace(tp, NULL);
		return err;
	}
	/* The hit that is on its way walks the old list, so that one is not changed. */
	funcs = kcalloc(nr, sizeof(*funcs), GFP_KERNEL);
	if (!funcs)
		return -ENOMEM;
	memcpy(funcs, tp->funcs, at * sizeof(*funcs));
	memcpy(funcs + at, tp->funcs + at + 1, (nr - 1 - at) * sizeof(*funcs));
	replace(tp, funcs);
	return 0;
}

static int replace_probe(struct tracepoint *tp, void *old, void *now, void *data)
{
	unsigned int nr = count_probes(tp), at = find_probe(tp, old, data);
	struct tracepoint_func *funcs;

	if (at == nr)
		return -ENOENT;
	funcs = kcalloc(nr + 1, sizeof(*funcs), GFP_KERNEL);
	if (!funcs)
		return -ENOMEM;
	memcpy(funcs, tp->funcs, nr * sizeof(*funcs));
	funcs[at].func = now;
	replace(tp, funcs);
	return 0;
}

int tracepoint_probe_register(struct tracepoint *tp, void *probe, void *data)
{
	int err;

	might_sleep();
	mutex_lock(&tracepoints_mutex);
	err = add_probe(tp, probe, data);
	mutex_unlock(&tracepoints_mutex);
	return err;
}

int tracepoint_probe_unregister(struct tracepoint *tp, void *probe, void *data)
{
	int err;

	might_sleep();
	mutex_lock(&tracepoints_mutex);
	err = remove_probe(tp, probe, data);
	mutex_unlock(&tracepoints_mutex);
	return err;
}

int tracepoint_probe_replace(struct tracepoint *tp, void *old, void *now, void *data)
{
	int err;

	might_sleep();
	mutex_lock(&tracepoints_mutex);
	err = replace_probe(tp, old, now, data);
	mutex_unlock(&tracepoints_mutex);
	return err;
}

void tracepoint_wait_until_left(struct tracepoint *tp)
{
	might_sleep();
	ftrace_wait_until_function_left((unsigned long)tp->iterator);
}

void for_each_kernel_tracepoint(void (*fn)(struct tracepoint *tp, void *priv), void *priv)
{
	struct tracepoint *const *tp;

	for (tp = __start_tracepoints; tp < __stop_tracepoints; tp++)
		fn(*tp, priv);
}

static bool is_in(const void *p, unsigned long start, unsigned long end)
{
	return (unsigned long)p - start < end - start;
}

static void stop_probes(const char *name, struct tracepoint *tp, unsigned long start,
			unsigned long end)
{
	unsigned int i = 0;

	while (tp->funcs && tp->funcs[i].func) {
		struct tracepoint_func *it = &tp->funcs[i];

		if (!is_in(it->func, start, end) && !is_in(it->data, start, end)) {
			i++;
			continue;
		}
		pr_warn("tracepoint %s: %s left %ps registered: taken back\n", tp->name, name,
			it->func);
		/* Without memory this waits until others have given some back. */
		while (remove_probe(tp, it->func, it->data) == -ENOMEM)
			msleep(1);
	}
}

void tracepoint_module_stop(const char *name, unsigned long start, unsigned long end)
{
	struct tracepoint *const *tp;

	mutex_lock(&tracepoints_mutex);
	for (tp = __start_tracepoints; tp < __stop_tracepoints; tp++)
		stop_probes(name, *tp, start, end);
	mutex_unlock(&tracepoints_mutex);
}
