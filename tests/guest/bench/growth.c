/* SPDX-License-Identifier: MIT */
/*
 * Measures how costs grow with the number of sites, of names in a filter, of registered ops, and of
 * threads. Each case is measured at several sizes, and prints `bench growth CASE_SIZE TICKS` for
 * each. tools/growth.py makes the modules: growth_N has N functions growth_00000 and so on.
 * tools/bench.py puts them into the initrd.
 */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/module/module.h"
#include "kernel/printk.h"
#include "kernel/sched/sched.h"
#include "tests/guest/bench/bench.h"
#include "trace/arch.h"
#include "trace/core/set.h"
#include "trace/core/site_info.h"

#define TRACING "/sys/kernel/tracing/"
#define CROWD_SITES 5000u		/* of the module beside which ops and names are counted */

static const unsigned int nrs_of_sites[] = { 1000, 5000, 20000 };
static const unsigned int nrs_of_names[] = { 10, 100, 1000 };
static const unsigned int nrs_of_ops[] = { 10, 100, 1000, 5000 };
static const unsigned int nrs_of_threads[] = { 10, 100, 500 };

static struct ftrace_ops one;

static void report(const char *name, unsigned int size, u64 ticks)
{
	char text[48];

	scnprintf(text, sizeof(text), "%s_%u", name, size);
	if (ticks)
		bench_report("growth", text, ticks);
	else
		bench_absent(text, "it failed");
}

/* --- The module --- */

static int insert(unsigned int nr_sites)
{
	char path[48], why[80];
	int err;

	scnprintf(path, sizeof(path), "/lib/modules/growth_%u.ko", nr_sites);
	err = module_insert(path, 0, NULL, why, sizeof(why));
	if (err && err != -ENOENT)
		pr_warn("bench: %s: %s: error %d\n", path, why, err);
	return err;
}

static int take_out(unsigned int nr_sites)
{
	char name[32];

	scnprintf(name, sizeof(name), "growth_%u", nr_sites);
	return module_remove(name);
}

/* Returns the index of the module's first site; @nr_sites of them follow each other. */
static unsigned int first_site(unsigned int nr_sites)
{
	struct ftrace_site_info site;

	/* The module lies either in front of the kernel or behind it. */
	if (ftrace_site_info(0, &site) && site.ip < (unsigned long)_text)
		return 0;
	return ftrace_nr_sites() - nr_sites;
}

static int set_filter(struct ftrace_ops *ops, const char *glob)
{
	memset(ops, 0, sizeof(*ops));
	ops->func = bench_callback;
	return ftrace_set_filter(ops, glob, (int)strlen(glob), 1);
}

/* --- Sites --- */

static int read_all(const char *path)
{
	static char buf[PAGE_SIZE];
	struct file *file = vfs_open(path, O_RDONLY, 0);
	ssize_t got;

	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	do {
		got = vfs_read(file, buf, sizeof(buf));
	} while (got > 0);
	vfs_close(file);
	return (int)got;
}

static void measure_sites(unsigned int nr)
{
	char name[32];

	scnprintf(name, sizeof(name), ":mod:growth_%u", nr);
	if (set_filter(&one, name))
		return;
	report("attach_list", nr, BENCH_ONCE(register_ftrace_function(&one)));
	report("detach_list", nr, BENCH_ONCE(unregister_ftrace_function(&one)));
	ftrace_free_filter(&one);
	scnprintf(name, sizeof(name), "growth_%05u", nr / 2);
	report("name", nr, BENCH_ONCE(set_filter(&one, name)));
	ftrace_free_filter(&one);
	report("list_file", nr, BENCH_LIVE(read_all(TRACING "available_filter_functions")));
}

static void run_sites(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(nrs_of_sites); i++) {
		unsigned int nr = nrs_of_sites[i];
		u64 ticks = BENCH_LIVE(insert(nr));

		report("insmod", nr, ticks);
		if (!ticks)
			continue;
		measure_sites(nr);
		report("rmmod", nr, BENCH_LIVE(take_out(nr)));
	}
}

/* --- Names, each written by itself, as a script does --- */

static int append_name(unsigned int n)
{
	struct file *file = vfs_open(TRACING "set_ftrace_filter", O_WRONLY | O_APPEND, 0);
	char name[32];
	int len, err;

	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	len = scnprintf(name, sizeof(name), "growth_%05u\n", n);
	err = vfs_write(file, name, (size_t)len) == len ? 0 : -EIO;
	return vfs_close(file) ?: err;
}

static int append_names(unsigned int nr)
{
	int err = 0;

	for (unsigned int n = 0; n < nr && !err; n++)
		err = append_name(n);
	return err;
}

static void run_names(const char *name)
{
	if (insert(CROWD_SITES)) {
		bench_absent(name, "no module");
		return;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(nrs_of_names); i++) {
		report("names", nrs_of_names[i], BENCH_LIVE(append_names(nrs_of_names[i])));
		ftrace_set_global_filter(NULL, 0, 1);
	}
	take_out(CROWD_SITES);
}

/* --- Ops --- */

static void release(struct ftrace_ops *ops, unsigned int nr)
{
	while (nr--) {
		unregister_ftrace_function(&ops[nr]);
		ftrace_free_filter(&ops[nr]);
	}
}

/*
 * Attaches @nr ops: ops i to site @first + i % @nr_sites. Returns how long the last one took; 0
 * after an error.
 */
static u64 attach_crowd(struct ftrace_ops *ops, unsigned int nr, unsigned int first,
			unsigned int nr_sites)
{
	u64 ticks = 0;

	for (unsigned int i = 0; i < nr; i++) {
		struct ftrace_site_info site;

		ops[i] = (struct ftrace_ops){ .func = bench_callback };
		if (!ftrace_site_info(first + i % nr_sites, &site) ||
		    ftrace_set_filter_ip(&ops[i], site.ip, 0, 0))
			return 0;
		ticks = BENCH_ONCE(register_ftrace_function(&ops[i]));
		if (!ticks)
			return 0;
	}
	return ticks;
}

/*
 * Measures attaching the last of @nr ops, and detaching one in the middle. Each has a site, and so
 * a set, of its own.
 */
static bool measure_ops(struct ftrace_ops *ops, unsigned int nr)
{
	if (insert(CROWD_SITES))
		return false;
	report("attach_kth", nr, attach_crowd(ops, nr, first_site(CROWD_SITES), CROWD_SITES));
	report("detach_kth", nr, BENCH_ONCE(unregister_ftrace_function(&ops[nr / 2])));
	release(ops, nr);
	take_out(CROWD_SITES);
	return true;
}

/*
 * Loads and removes a module that concerns none of these ops: they are on the kernel's own sites.
 */
static void measure_insmod(struct ftrace_ops *ops, unsigned int nr)
{
	if (attach_crowd(ops, nr, 0, ftrace_nr_sites())) {
		report("insmod_beside", nr, BENCH_LIVE(insert(CROWD_SITES)));
		report("rmmod_beside", nr, BENCH_LIVE(take_out(CROWD_SITES)));
	}
	release(ops, nr);
}

static void run_ops(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(nrs_of_ops); i++) {
		struct ftrace_ops *ops = vzalloc(nrs_of_ops[i] * sizeof(*ops));

		if (!ops || !measure_ops(ops, nrs_of_ops[i])) {
			bench_absent(name, ops ? "no module" : "out of memory");
			vfree(ops);
			return;
		}
		measure_insmod(ops, nrs_of_ops[i]);
		vfree(ops);
	}
}

/* --- Threads that sleep --- */

static unsigned int nr_asleep;

/*
 * Keeps @mention on its stack, as something that a call has left there, and with it an address in a
 * trampoline: without that, a thread at rest is known to be in no call.
 */
static int sleep_until_stopped(void *mention)
{
	void (*volatile trampoline)(void) = mention ? return_to_handler : NULL;
	void *volatile held = mention;

	WRITE_ONCE(nr_asleep, nr_asleep + 1);
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
	}
	return held != mention || !trampoline != !mention;
}

static unsigned int start_sleepers(struct task_struct **tasks, unsigned int nr, void *mention)
{
	unsigned int started = 0;

	nr_asleep = 0;
	for (; started < nr; started++) {
		tasks[started] = kthread_run(sleep_until_stopped, mention, "bench/%u", started);
		if (IS_ERR(tasks[started]))
			break;
	}
	while (READ_ONCE(nr_asleep) < started)
		msleep(1);
	return started;
}

static void stop_sleepers(struct task_struct **tasks, unsigned int nr)
{
	while (nr--)
		kthread_stop(tasks[nr]);
}

static struct ftrace_set *set_of_tracee(void)
{
	struct dyn_ftrace *rec;

	mutex_lock(&ftrace_lock);
	rec = ftrace_find_record(ftrace_find_location((unsigned long)bench_tracee));
	mutex_unlock(&ftrace_lock);
	return rec ? dyn_ftrace_set(rec) : NULL;
}

static void measure_threads(unsigned int nr)
{
	static struct ftrace_ops every = { .func = bench_callback };

	report("detach_threads", nr, bench_ops_up(&one, 1, bench_tracee, 0) ? 0 :
	       BENCH_ONCE(unregister_ftrace_function(&one)));
	ftrace_free_filter(&one);
	report("detach_all_threads", nr, register_ftrace_function(&every) ? 0 :
	       BENCH_ONCE(unregister_ftrace_function(&every)));
}

/* Measures attaching while an old set, which a stack mentions, could not be freed. */
static void measure_left_over(unsigned int nr)
{
	static struct ftrace_ops gone;
	struct task_struct *holder;

	if (bench_ops_up(&gone, 1, bench_tracee, 0) || !start_sleepers(&holder, 1, set_of_tracee()))
		return;
	bench_ops_down(&gone, 1);
	if (!set_filter(&one, "bench_other"))
		report("attach_threads", nr, BENCH_ONCE(register_ftrace_function(&one)));
	bench_ops_down(&one, 1);
	stop_sleepers(&holder, 1);
}

static void run_threads(const char *name)
{
	static struct task_struct *tasks[500];

	for (unsigned int i = 0; i < ARRAY_SIZE(nrs_of_threads); i++) {
		unsigned int nr = nrs_of_threads[i];
		unsigned int started = start_sleepers(tasks, nr, NULL);

		if (started == nr) {
			measure_threads(nr);
			measure_left_over(nr);
		} else {
			bench_absent(name, "too few threads");
		}
		stop_sleepers(tasks, started);
	}
}

const struct bench_once bench_growth_cases[] = {
	{ "growth_sites", run_sites },
	{ "growth_names", run_names },
	{ "growth_ops", run_ops },
	{ "growth_threads", run_threads },
	{ NULL, NULL },
};
