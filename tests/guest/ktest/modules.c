/* SPDX-License-Identifier: MIT */
/*
 * Modules, and the samples among them. Each is inserted, does what it should on real functions,
 * shows in enabled_functions, and is removed without leaving anything.
 */
#include "kernel/fs/vfs.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/module/module.h"
#include "kernel/sched/current.h"
#include "kernel/sched/sched.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/probe.h"
#include "trace/output/trace.h"

#define T "/sys/kernel/tracing/"

KTEST(modules, refusals)
{
	KT_EXPECT_EQ(t, insmod("no-such-module"), -ENOENT);
	KT_EXPECT_EQ(t, insmod(""), -ENOENT);
	KT_EXPECT_EQ(t, module_remove("no-such-module"), -ENOENT);
	KT_EXPECT_EQ(t, module_remove("ftrace-ops"), -ENOENT);		/* it is not loaded */
	KT_EXPECT_EQ(t, insmod("ftrace-ops"), 0);
	KT_EXPECT_EQ(t, insmod("ftrace_ops"), -EEXIST);		/* it is the same name */
	KT_EXPECT_EQ(t, insmod("ftrace-ops.ko"), -EEXIST);
	KT_EXPECT_EQ(t, module_remove("ftrace_ops"), 0);
	KT_EXPECT_EQ(t, module_remove("ftrace-ops"), -ENOENT);
}

static int nothing(void *data)
{
	return 0;
}

/* Does something that wakes a thread. */
static void wake_somebody(struct ktest *t)
{
	struct task_struct *task = kthread_create(nothing, NULL, "ktest-woken");

	KT_ASSERT(t, !IS_ERR(task));
	wake_up_process(task);
	kthread_join(task);
}

/* The functions that clients for Linux hook most have sites, and are really called. */
KTEST(modules, functions_to_hook)
{
	static const char *const names[] = {
		"schedule", "wake_up_process", "kernel_clone", "handle_mm_fault", "vfs_open",
		"vfs_read", "vfs_write", "kmalloc", "kfree", "do_init_module",
	};
	struct counter c = COUNTER;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!ftrace_location(kallsyms_lookup_name(names[i])))
			ktest_fail(t, __FILE__, __LINE__, "%s has no site", names[i]);
	}
	KT_ASSERT(t, !counter_start(&c, "kernel_clone"));
	wake_somebody(t);
	KT_EXPECT_EQ(t, c.hits, 1);
	KT_EXPECT(t, counter_stop(&c));
}

static void use_direct_sample(struct ktest *t, const char *name, const char *printed)
{
	unsigned int round;

	for (round = 0; round < 2; round++) {
		KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
		KT_ASSERT(t, !insmod(name));
		KT_EXPECT(t, file_has(T "enabled_functions", "wake_up_process (1)"));
		KT_EXPECT(t, file_has(T "enabled_functions", "\tdirect-->my_tramp"));
		wake_somebody(t);
		KT_EXPECT(t, file_has(T "trace", printed));
		KT_EXPECT_EQ(t, module_remove(name), 0);
		KT_EXPECT(t, probe_site_is_nop((unsigned long)wake_up_process));
		KT_EXPECT(t, probe_site_is_nop((unsigned long)schedule));
		KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
		wake_somebody(t);
		KT_EXPECT_EQ(t, file_count(T "trace", "my_direct_func"), 0);
	}
}

KTEST(modules, ftrace_direct)
{
	KT_NEED_ARGS(t);
	use_direct_sample(t, "ftrace-direct", "my_direct_func: waking up ktest-woken-");
}

KTEST(modules, ftrace_direct_multi)
{
	KT_NEED_ARGS(t);
	use_direct_sample(t, "ftrace-direct-multi", "(wake_up_process+0x");
}

KTEST(modules, ftrace_direct_modify)
{
	KT_NEED_ARGS(t);
	use_direct_sample(t, "ftrace-direct-modify", "my_direct_func1: my direct func1: waking up");
}

/*
 * The case that Patchbay was made for, as a user meets it: the sample and the function tracer on
 * one function.
 */
KTEST(modules, ftrace_direct_with_function_tracer)
{
	KT_NEED_ARGS(t);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "wake_up_process", 0), 0);
	KT_ASSERT(t, !insmod("ftrace-direct"));
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function", 0), 0);
	KT_EXPECT(t, file_has(T "enabled_functions", "wake_up_process (2)"));
	KT_EXPECT(t, file_has(T "enabled_functions", "\tdirect-->my_tramp"));
	wake_somebody(t);
	KT_EXPECT(t, file_has(T "trace", " wake_up_process <-"));
	KT_EXPECT(t, file_has(T "trace", "my_direct_func: waking up ktest-woken-"));
	KT_EXPECT_EQ(t, file_count(T "trace", " wake_up_process <-"),
		     file_count(T "trace", "my_direct_func: waking up "));
	KT_EXPECT_EQ(t, module_remove("ftrace-direct"), 0);
	KT_EXPECT(t, file_has(T "enabled_functions", "wake_up_process (1)"));
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)wake_up_process));
}

static int insert_with(const char *name, char *param)
{
	char why[128];

	return module_insert(name, 1, &param, why, sizeof(why));
}

/* fprobes and kprobes, as a user meets them. Both samples are put back to their usual function. */
static void use_probe_sample(struct ktest *t, const char *name, char *param, char *usual,
			     const char *line, const char *other)
{
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	KT_ASSERT(t, !insert_with(name, param));
	wake_somebody(t);
	KT_EXPECT(t, file_has(T "trace", line));
	KT_EXPECT(t, file_has(T "trace", other));
	KT_EXPECT_EQ(t, module_remove(name), 0);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)wake_up_process));
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	wake_somebody(t);
	KT_EXPECT_EQ(t, file_count(T "trace", "wake_up_process"), 0);
	KT_EXPECT_EQ(t, insert_with(name, usual), 0);
	KT_EXPECT_EQ(t, module_remove(name), 0);
}

KTEST(modules, fprobe_sample)
{
	char long_name[200] = "filter=";

	use_probe_sample(t, "fprobe-sample", "filter=wake_up_process,kernel_clone",
			 "filter=vfs_read",
			 "end: wake_up_process, called from wake_somebody, took ",
			 "end: kernel_clone, called from kthread_create, took ");
	memset(long_name + 7, 'f', 128);
	KT_EXPECT_EQ(t, insert_with("fprobe-sample", long_name), -EINVAL);
	KT_EXPECT_EQ(t, insert_with("fprobe-sample", "filter=no_such_function"), -ESRCH);
	KT_EXPECT_EQ(t, insert_with("fprobe-sample", "filter=vfs_read"), 0);
	KT_EXPECT_EQ(t, module_remove("fprobe-sample"), 0);
}

KTEST(modules, kprobe_sample)
{
	KT_NEED_ARGS(t);
	use_probe_sample(t, "kprobe-sample", "symbol=wake_up_process", "symbol=vfs_read",
			 "before: wake_up_process is called\n",
			 "end: wake_up_process returned 1 to wake_somebody after ");
}

/* Two samples want the same function: the second is refused, and the first goes on. */
KTEST(modules, direct_samples_conflict)
{
	KT_NEED_ARGS(t);
	KT_ASSERT(t, !insmod("ftrace-direct"));
	KT_EXPECT_EQ(t, insmod("ftrace-direct-multi"), -EBUSY);
	KT_EXPECT_EQ(t, insmod("ftrace-direct-modify"), -EBUSY);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)schedule));
	KT_EXPECT(t, file_has(T "enabled_functions", "wake_up_process (1)"));
	KT_EXPECT_EQ(t, module_remove("ftrace-direct-multi"), -ENOENT);
	KT_EXPECT_EQ(t, module_remove("ftrace-direct"), 0);
	KT_EXPECT_EQ(t, insmod("ftrace-direct-multi"), 0);
	KT_EXPECT_EQ(t, module_remove("ftrace-direct-multi"), 0);
}

static bool is_patched(void)
{
	return file_is("/proc/cmdline", "this has been live patched\n");
}

KTEST(modules, livepatch)
{
	unsigned int round;

	KT_NEED_ARGS(t);
	for (round = 0; round < 2; round++) {
		KT_EXPECT(t, !is_patched());
		KT_ASSERT(t, !insmod("livepatch-sample"));
		KT_EXPECT(t, is_patched());
		KT_EXPECT(t, file_has(T "enabled_functions", "cmdline_show (1)   I"));
		KT_EXPECT_EQ(t, module_remove("livepatch-sample"), 0);
	}
	KT_EXPECT(t, !is_patched());
	KT_EXPECT(t, !file_has(T "enabled_functions", "cmdline_show"));
}

/* With a direct call and the function tracer: each of them may come first and go first. */
KTEST(modules, livepatch_and_direct)
{
	static const char *const names[2] = { "livepatch-sample", "livepatch-direct" };
	unsigned int way;

	KT_NEED_ARGS(t);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "cmdline_show", 0), 0);
	for (way = 0; way < 8; way++) {
		KT_EXPECT_EQ(t, file_write(T "current_tracer", way & 4 ? "function" : "nop", 0), 0);
		KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
		KT_ASSERT(t, !insmod(names[way & 1]));
		KT_ASSERT(t, !insmod(names[!(way & 1)]));
		KT_EXPECT(t, file_has(T "enabled_functions",
				      way & 4 ? "cmdline_show (3)   I D" :
						"cmdline_show (2)   I D"));
		KT_EXPECT(t, is_patched());
		KT_EXPECT_EQ(t, file_count(T "trace", "reads /proc/cmdline"), 1);
		KT_EXPECT_EQ(t, file_count(T "trace", " cmdline_show <-"), way & 4 ? 1 : 0);
		KT_EXPECT_EQ(t, module_remove(names[way >> 1 & 1]), 0);
		KT_EXPECT_EQ(t, is_patched(), !!(way & 2));
		KT_EXPECT_EQ(t, file_count(T "trace", "reads /proc/cmdline"), way & 2 ? 1 : 2);
		KT_EXPECT_EQ(t, module_remove(names[!(way >> 1 & 1)]), 0);
		KT_EXPECT(t, !is_patched());
	}
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
	KT_EXPECT(t, !file_has(T "enabled_functions", "cmdline_show"));
}

KTEST(modules, ftrace_ops)
{
	unsigned long open = (unsigned long)vfs_open;

	KT_ASSERT(t, !insmod("ftrace-ops"));
	KT_EXPECT(t, !probe_site_is_nop(open));
	KT_EXPECT(t, file_has(T "enabled_functions", "vfs_read (1)"));
	KT_EXPECT_EQ(t, module_remove("ftrace-ops"), 0);
	KT_EXPECT(t, probe_site_is_nop(open));
}
