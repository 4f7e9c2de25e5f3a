/* SPDX-License-Identifier: MIT */
/*
 * Sites change while every CPU runs through them. Threads call functions and check each result;
 * callbacks, one of them with SAVE_REGS, a direct call and a filter come and go at random.
 * Every call is accounted for: one that began after attaching returned and ended before detaching
 * began counts once, one that overlaps either counts once or not at all. Untraced: callbacks.
 */
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/current.h"
#include "kernel/errno.h"
#include "kernel/ktest.h"
#include "kernel/mm.h"
#include "kernel/percpu.h"
#include "kernel/printk.h"
#include "kernel/string.h"
#include "kernel/time.h"
#include "tests/bench/bench.h"
#include "tests/ktest/targets.h"
#include "trace/ftrace.h"

#define HAMMER_MS 1200
#define NR_COUNTED 2
#define MAX_WORKERS 4			/* the patcher needs some of the host's time, too */

/* Written by the worker, and by callbacks on its behalf. */
struct worker {
	struct task_struct *task;
	unsigned long begun, ended;	/* calls of kt_sum() */
	unsigned long hits[NR_COUNTED];
	unsigned int wrong;
};

/* A counting callback that is attached, or not: where the workers were then. */
struct counted {
	struct ftrace_ops ops;
	bool attached;
	unsigned long ended_before[MAX_WORKERS], begun_after[MAX_WORKERS];
};

static struct worker workers[MAX_WORKERS];
static unsigned int nr_workers;
static bool hammer_stop;
static u32 random_state;

static u32 random(u32 below)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % below;
}

static int hammer(void *data)
{
	struct worker *w = data;
	unsigned long n = 0;

	while (!READ_ONCE(hammer_stop)) {
		n++;
		WRITE_ONCE(w->begun, w->begun + 1);
		w->wrong += kt_sum(n, 5) != n + 5;
		WRITE_ONCE(w->ended, w->ended + 1);
		w->wrong += kt_many(n, 1, 1, 1, 1, 1, 1, 1, 1, n) != 11 * n + 44;
		w->wrong += kt_product(3, 0x100000000ull + n, 7) != 0x300000007ull + 3 * (u64)n;
		w->wrong += kt_recurse(3) != 4;
	}
	return 0;
}

static void count_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			   struct ftrace_regs *fregs);
static struct counted counted[NR_COUNTED] = {
	{ .ops = { .func = count_callback } },
	{ .ops = { .func = count_callback, .flags = FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED } },
};

static void count_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			   struct ftrace_regs *fregs)
{
	(void)ip;
	(void)parent_ip;
	(void)fregs;
	if (current->thread_fn == hammer)
		((struct worker *)current->thread_data)->hits[op == &counted[1].ops]++;
}

static void idle_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			  struct ftrace_regs *fregs)
{
	(void)ip;
	(void)parent_ip;
	(void)op;
	(void)fregs;
}

static void attach_counted(struct ktest *t, struct counted *c)
{
	unsigned int n, which = (unsigned int)(c - counted);

	for (n = 0; n < nr_workers; n++) {
		workers[n].hits[which] = 0;
		c->ended_before[n] = READ_ONCE(workers[n].ended);
	}
	if (!KT_EXPECT_EQ(t, register_ftrace_function(&c->ops), 0))
		return;
	c->attached = true;
	for (n = 0; n < nr_workers; n++)
		c->begun_after[n] = READ_ONCE(workers[n].begun);
}

static void detach_counted(struct ktest *t, struct counted *c)
{
	unsigned int n, which = (unsigned int)(c - counted);
	unsigned long ended[MAX_WORKERS];

	for (n = 0; n < nr_workers; n++)
		ended[n] = READ_ONCE(workers[n].ended);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&c->ops), 0);
	c->attached = false;
	for (n = 0; n < nr_workers; n++) {
		long hits = (long)READ_ONCE(workers[n].hits[which]);
		long least = (long)(ended[n] - c->begun_after[n]);
		long most = (long)(READ_ONCE(workers[n].begun) - c->ended_before[n]);

		KT_EXPECT(t, hits >= least);
		KT_EXPECT(t, hits <= most);
	}
}

static struct ftrace_ops direct_ops, filtered_ops = { .func = idle_callback };
static bool direct_on;

static void toggle_direct(struct ktest *t)
{
	unsigned long tramp = (unsigned long)bench_direct_tramp;

	if (direct_on)
		KT_EXPECT_EQ(t, unregister_ftrace_direct(&direct_ops, tramp, false), 0);
	else
		KT_EXPECT_EQ(t, register_ftrace_direct(&direct_ops, tramp), 0);
	direct_on = !direct_on;
}

static void change_filter(struct ktest *t)
{
	static const char *const filters[] = { "kt_many", "kt_product", "kt_recurse", "kt_*" };
	const char *filter = filters[random(ARRAY_SIZE(filters))];

	KT_EXPECT_EQ(t, ftrace_set_filter(&filtered_ops, filter, (int)strlen(filter), 1), 0);
}

static void change_something(struct ktest *t)
{
	unsigned int what = random(NR_COUNTED + 2);

	if (what < NR_COUNTED)
		(counted[what].attached ? detach_counted : attach_counted)(t, &counted[what]);
	else if (what == NR_COUNTED && FTRACE_HAVE_ARGS)
		toggle_direct(t);
	else
		change_filter(t);
}

static bool start_workers(struct ktest *t)
{
	unsigned int wanted = min(nr_cpus_online + 1, 4u);

	hammer_stop = false;
	memset(workers, 0, sizeof(workers));
	for (nr_workers = 0; nr_workers < wanted; nr_workers++) {
		struct worker *w = &workers[nr_workers];

		w->task = kthread_run(hammer, w, "ktest-hammer/%u", nr_workers);
		if (!KT_EXPECT(t, !IS_ERR(w->task)))
			return false;
	}
	return true;
}

static void stop_workers(struct ktest *t)
{
	unsigned int n;

	WRITE_ONCE(hammer_stop, true);
	for (n = 0; n < nr_workers; n++) {
		kthread_join(workers[n].task);
		KT_EXPECT_EQ(t, workers[n].wrong, 0);
		KT_EXPECT(t, workers[n].ended > 0);
	}
}

static void everything_off(struct ktest *t)
{
	unsigned int n;

	for (n = 0; n < NR_COUNTED; n++)
		if (counted[n].attached)
			detach_counted(t, &counted[n]);
	if (direct_on)
		toggle_direct(t);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&filtered_ops), 0);
}

static u32 choose_seed(void)
{
	char text[16];
	int seed;

	if (boot_param("ktest_seed", text, sizeof(text)) && !kstrtoint(text, 0, &seed))
		return (u32)seed;
	return (u32)arch_clock_cycles() & 0x7fffffff;
}

KTEST(smp_hammer, sites_change_under_load)
{
	u64 end = ktime_get_ns() + HAMMER_MS * NSEC_PER_MSEC;
	unsigned int n, changes = 0;

	random_state = choose_seed();
	pr_info("smp_hammer: ktest_seed=%u\n", random_state);
	for (n = 0; n < NR_COUNTED; n++)
		KT_ASSERT(t, !ftrace_set_filter(&counted[n].ops, "kt_sum", 6, 1));
	KT_ASSERT(t, !ftrace_set_filter(&direct_ops, "kt_sum", 6, 1));
	change_filter(t);
	KT_ASSERT(t, !register_ftrace_function(&filtered_ops));
	set_user_nice(current, -8);	/* or the workers would keep it from changing anything */
	if (start_workers(t)) {
		while (ktime_get_ns() < end && !t->failures) {
			change_something(t);
			changes++;
			if (!random(4))
				msleep(1);
		}
		KT_EXPECT(t, changes > 0);
	}
	stop_workers(t);
	set_user_nice(current, 0);
	everything_off(t);
	for (n = 0; n < NR_COUNTED; n++)
		ftrace_free_filter(&counted[n].ops);
	ftrace_free_filter(&direct_ops);
	ftrace_free_filter(&filtered_ops);
	pr_info("smp_hammer: %u changes under load on %u CPUs\n", changes, nr_cpus_online);
}
