/* SPDX-License-Identifier: MIT */
/*
 * Measures things that are done once: attaching, changing filters, booting; and the memory that
 * tracing takes.
 */
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/time.h"
#include "tests/guest/bench/bench.h"
#include "trace/arch.h"
#include "trace/core/set.h"
#include "trace/core/site_info.h"
#include "trace/output/trace.h"

#define MANY_OPS 1000

static struct ftrace_ops one, every;

static void prepare(struct ftrace_ops *ops, void (*function)(void))
{
	memset(ops, 0, sizeof(*ops));
	ops->func = bench_callback;
	if (function && ftrace_set_filter_ip(ops, (unsigned long)function, 0, 0))
		ops->func = NULL;	/* makes registering fail, and then the result is 0 */
}

static void run_attach(const char *name)
{
	unsigned int i;

	for (i = 0; i < BENCH_REPEATS; i++) {
		prepare(&one, bench_tracee);
		bench_report("once", "attach_1", BENCH_ONCE(register_ftrace_function(&one)));
		bench_report("once", "detach_1", BENCH_ONCE(unregister_ftrace_function(&one)));
		ftrace_free_filter(&one);
	}
}

static int register_many(struct ftrace_ops *ops, unsigned int *nr)
{
	int err = 0;

	for (*nr = 0; !err && *nr < MANY_OPS; ++*nr)
		err = register_ftrace_function(&ops[*nr]);
	return err;
}

/* Attach a thousand callbacks, each to a function of its own: to the first thousand sites. */
static void run_attach_many(const char *name)
{
	struct ftrace_ops *ops = vzalloc(MANY_OPS * sizeof(*ops));
	unsigned int i, nr = 0;
	struct ftrace_site_info site;
	u64 ticks;

	if (!ops) {
		bench_absent(name, "out of memory");
		return;
	}
	for (i = 0; i < MANY_OPS; i++) {
		prepare(&ops[i], NULL);
		if (!ftrace_site_info(i % ftrace_nr_sites(), &site) ||
		    ftrace_set_filter_ip(&ops[i], site.ip, 0, 0))
			ops[i].func = NULL;
	}
	ticks = BENCH_ONCE(register_many(ops, &nr));
	if (ticks)
		bench_report("once", name, ticks);
	else
		bench_absent(name, "registering failed");
	for (i = 0; i < MANY_OPS; i++) {
		unregister_ftrace_function(&ops[i]);
		ftrace_free_filter(&ops[i]);
	}
	vfree(ops);
}

static void run_enable_all(const char *name)
{
	unsigned int i;

	bench_report("once", "functions", ftrace_nr_sites());
	for (i = 0; i < BENCH_REPEATS; i++) {
		prepare(&every, NULL);
		bench_report("once", "enable_all", BENCH_ONCE(register_ftrace_function(&every)));
		bench_report("once", "disable_all", BENCH_ONCE(unregister_ftrace_function(&every)));
	}
}

static void run_change_filter(const char *name)
{
	unsigned int i;

	prepare(&one, bench_tracee);
	if (register_ftrace_function(&one)) {
		bench_absent(name, "registering failed");
		return;
	}
	for (i = 0; i < BENCH_REPEATS; i++) {
		void (*to)(void) = i & 1 ? bench_tracee : bench_other;

		bench_report("once", name,
			     BENCH_ONCE(ftrace_set_filter_ip(&one, (unsigned long)to, 0, 1)));
	}
	bench_ops_down(&one, 1);
}

/*
 * If this is the first command of a script, it tells how long the kernel took from reset to here.
 */
static void run_boot(const char *name)
{
	struct trace_buffer *buffer = global_trace.buffer;
	u64 offset = arch_clock_cycles() - ktime_get_ns();

	bench_report("boot", name, bench_began);
	if (ring_buffer_entries_cpu(buffer, 0))
		bench_report("boot", "reset_to_first_traced",
			     offset + ring_buffer_oldest_event_ts(buffer, 0));
}

static void run_sizes(const char *name)
{
	struct ftrace_form form = arch_ftrace_form((unsigned long)bench_tracee, NULL);
	struct mm_stats before, during;

	bench_report("size", "record_bytes", sizeof(struct dyn_ftrace));
	bench_report("size", "literal_bytes", form.literal ? sizeof(form.literal) : 0);
	bench_report("size", "init_table_bytes", sizeof(unsigned long));
	bench_report("size", "sites", ftrace_nr_sites());
	bench_report("size", "image_bytes", (unsigned long)_end - (unsigned long)_text);
	mm_get_stats(&before);
	prepare(&every, NULL);
	if (register_ftrace_function(&every)) {
		bench_absent("all_traced_bytes", "registering failed");
		return;
	}
	mm_get_stats(&during);
	bench_report("size", "all_traced_bytes",
		     (before.free_pages - during.free_pages) * PAGE_SIZE);
	bench_ops_down(&every, 1);
}

const struct bench_once bench_once_cases[] = {
	{ "attach", run_attach },
	{ "attach_1000", run_attach_many },
	{ "enable_all", run_enable_all },
	{ "change_filter", run_change_filter },
	{ "reset_to_prompt", run_boot },
	{ "sizes", run_sizes },
	{ NULL, NULL },
};
