/* SPDX-License-Identifier: MIT */
/*
 * Modules from files are traced from their first instruction, and removed while they are traced:
 * filters that wait for a module, direct calls and IPMODIFY that meet in it, and ops that depend on
 * it.
 */
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/module/module.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/module_files.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/hash.h"
#include "trace/core/ops.h"
#include "trace/tracers/kprobes.h"

#define T "/sys/kernel/tracing/"

/*
 * An ops that traces everything traces the module too, from the first instruction of its init to
 * its exit.
 */
KTEST(module_files, traced_from_the_first_instruction)
{
	struct counter all = COUNTER;
	unsigned long work;

	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !counter_start(&all, NULL));
	KT_EXPECT_EQ(t, kt_module_insert(NULL), 0);
	work = kallsyms_lookup_name("ktest_module_work");
	KT_EXPECT(t, file_has(T "enabled_functions", "ktest_module_work [ktest_module] (1)"));
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT(t, !file_has(T "enabled_functions", "[ktest_module]"));
	KT_EXPECT(t, counter_stop(&all));
	KT_EXPECT(t, work != 0);
}

/*
 * A filter for a module that is not there matches nothing, then the module's functions, then
 * nothing again.
 */
KTEST(module_files, filter_waits_for_the_module)
{
	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_sum", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function", 0), 0);
	for (unsigned int round = 1; round <= 3; round++) {
		KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "*work:mod:ktest_module", 0), 0);
		KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
		KT_EXPECT_EQ(t, kt_module_insert(NULL), 0);
		KT_EXPECT_EQ(t, file_count(T "enabled_functions", "(1)"), 1);
		KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
		KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
		KT_EXPECT_EQ(t, file_count(T "trace", ": ktest_module_"), 0);	/* names are gone */
	}
	KT_EXPECT_EQ(t, file_count(T "trace", " <-"), 6);	/* by init and exit, three times */
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
	KT_EXPECT(t, file_has(T "set_ftrace_filter", "#### all functions enabled ####"));
}

/*
 * A tracer's filter loses a module's functions even while the tracer does not run, because another
 * function may come to the same address.
 */
KTEST(module_files, filter_of_no_tracer_forgets_the_module)
{
	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !kt_module_insert(NULL));
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "ktest_module_work", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_notrace", "ktest_module_static", 0), 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_ASSERT(t, !kt_module_insert(NULL));
	KT_EXPECT(t, !file_has(T "set_ftrace_filter", "ktest_module_work"));
	KT_EXPECT(t, !file_has(T "set_ftrace_notrace", "ktest_module_static"));
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_notrace", "", 0), 0);
}

/* A filter that had only the module's functions must not become one that matches everything. */
KTEST(module_files, filter_outlives_the_module)
{
	struct counter c = COUNTER;

	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !kt_module_insert(NULL));
	KT_EXPECT_EQ(t, ftrace_set_filter(&c.ops, ":mod:ktest_module", 17, 0), 0);
	KT_ASSERT(t, !counter_start(&c, NULL));
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "(1)"), kt_module_sites());
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT_EQ(t, c.hits, 3);		/* exit and the functions that it calls */
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
	KT_EXPECT_EQ(t, kt_module_insert(NULL), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT(t, counter_stop(&c));
}

static unsigned int asked[3];
static int answer;

static int share(struct ftrace_ops *op, enum ftrace_ops_cmd cmd)
{
	asked[cmd]++;
	return answer;
}

/* The module is refused if the two cannot share, and they go on waiting for it. */
static void meet_in_the_module(struct ktest *t, struct ftrace_ops *direct, struct counter *patch)
{
	memset(asked, 0, sizeof(asked));
	answer = -EAGAIN;
	KT_EXPECT_EQ(t, kt_module_insert(NULL), -EAGAIN);
	KT_EXPECT(t, !direct->sharing);
	memset(asked, 0, sizeof(asked));
	answer = 0;
	KT_EXPECT_EQ(t, kt_module_insert(NULL), 0);
	KT_EXPECT(t, direct->sharing);
	KT_EXPECT_EQ(t, ftrace_set_enabled(true), 0);
	KT_EXPECT(t, file_has(T "enabled_functions", "[ktest_module] (2)   I D"));
	probe_nr_events = patch->hits = 0;
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);	/* its exit calls the function */
	KT_EXPECT_EQ(t, probe_nr_events, 1);
	KT_EXPECT_EQ(t, patch->hits, 1);
	KT_EXPECT(t, !direct->sharing);
	KT_EXPECT_EQ(t, asked[FTRACE_OPS_CMD_DISABLE_SHARE_IPMODIFY_PEER], 1);
}

/*
 * A direct call and IPMODIFY meet on a function that comes with its module, and are asked then.
 * Once this happens while the tracer is switched off.
 */
KTEST(module_files, direct_and_ipmodify_wait_for_it)
{
	static const char pattern[] = "*work:mod:ktest_module";
	struct ftrace_ops direct = { .ops_func = share };
	struct counter patch = COUNTER;
	const int len = sizeof(pattern) - 1;

	KT_NEED_ARGS(t);
	KT_NEED_MODULE(t, KTEST_MODULE);
	patch.ops.flags = FTRACE_OPS_FL_IPMODIFY;
	for (unsigned int round = 0; round < 2; round++) {
		memset(asked, 0, sizeof(asked));
		KT_EXPECT_EQ(t, ftrace_set_filter(&direct, pattern, len, 1), 0);
		KT_EXPECT_EQ(t, ftrace_set_filter(&patch.ops, pattern, len, 1), 0);
		KT_EXPECT_EQ(t, register_ftrace_direct(&direct, PROBE_A), 0);
		KT_EXPECT_EQ(t, register_ftrace_function(&patch.ops), 0);
		KT_EXPECT_EQ(t, asked[0] + asked[1] + asked[2], 0);
		KT_EXPECT_EQ(t, ftrace_set_enabled(!round), 0);
		meet_in_the_module(t, &direct, &patch);
		KT_EXPECT(t, counter_stop(&patch));
		KT_EXPECT_EQ(t, unregister_ftrace_direct(&direct, PROBE_A, true), 0);
	}
}

KTEST(module_files, forgotten_ops_is_taken_back)
{
	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !kt_module_insert("leave"));
	KT_EXPECT(t, file_has(T "enabled_functions", "ktest_module_work [ktest_module] (1)"));
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
	KT_EXPECT_EQ(t, kt_module_insert("fail=-5"), -EIO);
}

/* Its functions are in the module; those of its calls that are open return without it. */
KTEST(module_files, forgotten_graph_user_is_taken_back)
{
	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !kt_module_insert("leave_graph"));
	KT_EXPECT(t, file_has(T "enabled_functions", "kt_outer (1)"));
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
}

static unsigned long module_symbol(struct ktest *t, const char *name)
{
	unsigned long addr = kallsyms_lookup_name(name);

	KT_EXPECT(t, addr != 0);
	return addr;
}

/* Probes of the kernel's whose handlers are in the module. */
KTEST(module_files, forgotten_probes_are_taken_back)
{
	static struct fprobe fp;
	static struct kprobe kp = { .symbol_name = "kt_sum" };
	const char *syms[] = { "kt_outer" };
	unsigned long handler;

	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !kt_module_insert(NULL));
	handler = module_symbol(t, "ktest_module_work");
	fp.exit_handler = (fprobe_exit_cb)handler;
	KT_EXPECT_EQ(t, register_fprobe_syms(&fp, syms, 1), 0);
	kp.pre_handler = (kprobe_pre_handler_t)handler;
	KT_EXPECT_EQ(t, register_kprobe(&kp), FTRACE_HAVE_ARGS ? 0 : -EOPNOTSUPP);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 1 + FTRACE_HAVE_ARGS);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT(t, !fprobe_is_registered(&fp));
	KT_EXPECT(t, !fprobe_is_registered(&kp.fp));
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
}

/*
 * An ops in this file that depends on the module by its callback, its ops_func, its filters, or a
 * direct function.
 */
enum { BY_FUNC, BY_FILTERS, BY_OPS_FUNC, BY_DIRECT, BY_HASH, NR_WAYS };

static int lean(struct ktest *t, struct ftrace_ops *ops, unsigned int way)
{
	unsigned long callback = module_symbol(t, "ktest_module_callback");
	unsigned long sum = (unsigned long)kt_sum;
	struct ftrace_ops_hash *(*filters)(void) = (void *)module_symbol(t, "ktest_module_filters");
	struct ftrace_hash *hash = ftrace_hash_copy(NULL);
	int err = -ENOMEM;

	*ops = (struct ftrace_ops){ .flags = 0 };
	if (way == BY_OPS_FUNC)
		ops->ops_func = (ftrace_ops_func_t)module_symbol(t, "ktest_module_agrees");
	if (way == BY_HASH) {
		if (hash && !ftrace_hash_add_direct(hash, sum, callback))
			err = update_ftrace_direct_add(ops, hash);
		ftrace_hash_free(hash);
		return err;
	}
	ftrace_hash_free(hash);
	if (way == BY_FILTERS)
		ops->func_hash = filters();
	else if (ftrace_set_filter_ip(ops, sum, 0, 1))
		return err;
	if (way == BY_OPS_FUNC || way == BY_DIRECT)
		return register_ftrace_direct(ops, way == BY_DIRECT ? callback : PROBE_A);
	ops->func = way == BY_FUNC ? (ftrace_func_t)callback : counter_callback;
	return register_ftrace_function(ops);
}

KTEST(module_files, ops_that_lean_on_it_are_taken_back)
{
	static struct counter c = COUNTER;
	static struct ftrace_ops *ops = &c.ops;

	KT_NEED_MODULE(t, KTEST_MODULE);
	for (unsigned int way = 0; way < (FTRACE_HAVE_ARGS ? NR_WAYS : BY_OPS_FUNC); way++) {
		KT_ASSERT(t, !kt_module_insert(NULL));
		KT_EXPECT_EQ(t, lean(t, ops, way), 0);
		KT_EXPECT(t, ops->flags & FTRACE_OPS_FL_ENABLED);
		KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
		if (!KT_EXPECT_EQ(t, ops->flags & (FTRACE_OPS_FL_ENABLED | FTRACE_OPS_FL_DIRECT),
				  0))
			return;
		KT_EXPECT(t, !ops->direct_call && !ops->func_hash && !ops->local_hash.filter_hash);
		KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
		KT_EXPECT_EQ(t, kt_sum(40, 2), 42);
		/* What has been freed cannot be registered again. */
		if (way == BY_FUNC)
			KT_EXPECT_EQ(t, register_ftrace_function(ops), -EINVAL);
	}
}
