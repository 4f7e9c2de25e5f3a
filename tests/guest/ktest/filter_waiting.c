/* SPDX-License-Identifier: MIT */
/*
 * Filters, and modules that come and go. A pattern waits for its module, is applied once when the
 * module comes, and is a list of addresses from then on. A filter that loses all its functions
 * matches nothing, and never everything.
 */
#include "kernel/compiler.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/module/module.h"
#include "kernel/shell/console.h"
#include "kernel/trace_hooks.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "trace/core/hash.h"

#define T "/sys/kernel/tracing/"
#define FILTER T "set_ftrace_filter"
#define NOTRACE T "set_ftrace_notrace"

static int set(struct ftrace_ops *ops, const char *pattern)
{
	return ftrace_set_filter(ops, pattern, (int)strlen(pattern), 0);
}

static int set_tracer(const char *name)
{
	return file_write(T "current_tracer", name, 0);
}

static int attached(const char *function)
{
	char line[64] = "";

	strscpy(line, function, sizeof(line));
	strscpy(line + strlen(line), " [ktest_module] (", sizeof(line) - strlen(line));
	return file_count(T "enabled_functions", line);
}

static void restore(struct ktest *t)
{
	KT_EXPECT_EQ(t, set_tracer("nop"), 0);
	KT_EXPECT_EQ(t, file_write(FILTER, "", 0), 0);
	KT_EXPECT_EQ(t, file_write(NOTRACE, "", 0), 0);
	KT_EXPECT(t, file_is(FILTER, "#### all functions enabled ####\n"));
	KT_EXPECT(t, file_is(NOTRACE, "#### no functions disabled ####\n"));
}

/* What '!' removed after the module came stays out, whoever is registered then. */
static void pattern_acts_once(struct ktest *t, bool tracer_on)
{
	KT_EXPECT_EQ(t, file_write(FILTER, "kt_sum ktest_*:mod:ktest_module", 0), 0);
	KT_EXPECT(t, file_is(FILTER, "kt_sum\nktest_*:mod:ktest_module\n"));
	KT_EXPECT_EQ(t, set_tracer(tracer_on ? "function" : "nop"), 0);
	KT_ASSERT(t, !insmod(KTEST_MODULE));
	KT_EXPECT_EQ(t, file_count(FILTER, ":mod:"), 0);
	KT_EXPECT_EQ(t, file_count(FILTER, "[ktest_module]"), 4);
	KT_EXPECT_EQ(t, attached("ktest_module_work"), tracer_on);
	KT_EXPECT_EQ(t, file_write(FILTER, "!ktest_module_work", O_APPEND), 0);
	for (unsigned int round = 0; round < 2; round++) {
		KT_EXPECT_EQ(t, file_count(FILTER, "ktest_module_work"), 0);
		KT_EXPECT_EQ(t, set_tracer("nop"), 0);
		KT_EXPECT_EQ(t, set_tracer("function"), 0);
		KT_EXPECT_EQ(t, attached("ktest_module_work"), 0);
		KT_EXPECT_EQ(t, attached("ktest_module_static"), 1);
	}
	KT_EXPECT_EQ(t, set_tracer(tracer_on ? "function" : "nop"), 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT(t, file_is(FILTER, "kt_sum\n"));
	KT_ASSERT(t, !insmod(KTEST_MODULE));
	KT_EXPECT(t, file_is(FILTER, "kt_sum\n"));
	KT_EXPECT_EQ(t, set_tracer("function"), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "[ktest_module]"), 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	restore(t);
}

KTEST(filter_waiting, acts_once)
{
	KT_NEED_MODULE(t, KTEST_MODULE);
	pattern_acts_once(t, false);
	pattern_acts_once(t, true);
}

static void notrace_acts_once(struct ktest *t, bool tracer_on)
{
	KT_EXPECT_EQ(t, file_write(FILTER, "*:mod:ktest_module", 0), 0);
	KT_EXPECT_EQ(t, file_write(NOTRACE, "*work:mod:ktest_module *static:mod:ktest_module", 0),
		     0);
	KT_EXPECT_EQ(t, set_tracer(tracer_on ? "function" : "nop"), 0);
	KT_ASSERT(t, !insmod(KTEST_MODULE));
	KT_EXPECT_EQ(t, file_count(NOTRACE, ":mod:"), 0);
	KT_EXPECT_EQ(t, file_count(NOTRACE, "[ktest_module]"), 2);
	KT_EXPECT_EQ(t, file_write(NOTRACE, "!*work", O_APPEND), 0);
	KT_EXPECT_EQ(t, set_tracer("nop"), 0);
	KT_EXPECT_EQ(t, set_tracer("function"), 0);
	KT_EXPECT(t, file_is(NOTRACE, "ktest_module_static [ktest_module]\n"));
	KT_EXPECT_EQ(t, attached("ktest_module_work"), 1);
	KT_EXPECT_EQ(t, attached("ktest_module_static"), 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT(t, file_is(NOTRACE, "#### no functions disabled ####\n"));
	KT_EXPECT(t, file_is(FILTER, ""));
	KT_ASSERT(t, !insmod(KTEST_MODULE));
	KT_EXPECT(t, file_is(NOTRACE, "#### no functions disabled ####\n"));
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	restore(t);
}

KTEST(filter_waiting, notrace_acts_once)
{
	KT_NEED_MODULE(t, KTEST_MODULE);
	notrace_acts_once(t, false);
	notrace_acts_once(t, true);
}

/*
 * All ops that share the filters move together, and one that is registered later gets them as they
 * are then.
 */
KTEST(filter_waiting, shared_filters_act_once)
{
	struct counter early = COUNTER, late = COUNTER;

	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_EXPECT_EQ(t, ftrace_set_global_filter("ktest_*:mod:ktest_module", 24, 1), 0);
	ftrace_ops_set_global_filter(&early.ops);
	ftrace_ops_set_global_filter(&late.ops);
	KT_ASSERT(t, !counter_start(&early, NULL));
	KT_EXPECT_EQ(t, insmod(KTEST_MODULE), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "[ktest_module] (1)"), 4);
	KT_EXPECT_EQ(t, ftrace_set_global_filter("!*work", 6, 0), 0);
	KT_ASSERT(t, !counter_start(&late, NULL));
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "[ktest_module] (2)"), 3);
	KT_EXPECT_EQ(t, attached("ktest_module_work"), 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT_EQ(t, early.hits, 5);		/* init, work, static; exit, static */
	KT_EXPECT_EQ(t, insmod(KTEST_MODULE), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT(t, counter_stop(&early));
	KT_EXPECT(t, counter_stop(&late));
	restore(t);
}

/*
 * An ops that is not registered is not told of modules: its pattern is applied when somebody looks
 * at it next.
 */
KTEST(filter_waiting, unregistered_ops_catch_up)
{
	struct counter c = COUNTER;

	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_EXPECT_EQ(t, set(&c.ops, "*:mod:ktest_module"), 0);
	KT_ASSERT(t, !insmod(KTEST_MODULE));
	KT_EXPECT_EQ(t, set(&c.ops, "!ktest_module_work"), 0);
	KT_ASSERT(t, !counter_start(&c, NULL));
	KT_EXPECT_EQ(t, attached("ktest_module_work"), 0);
	KT_EXPECT_EQ(t, attached("ktest_module_static"), 1);
	KT_EXPECT(t, counter_stop(&c));
	KT_EXPECT_EQ(t, set(&c.ops, "kt_sum"), 0);
	KT_EXPECT_EQ(t, set(&c.ops, "zzz*:mod:ktest_module"), -EINVAL);	/* the module is there */
	KT_EXPECT(t, !ftrace_hash_pattern(c.ops.local_hash.filter_hash, 0));
	ftrace_free_filter(&c.ops);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
}

/*
 * The file keeps a copy of the filter from its opening to its closing, and a module may come and go
 * in between.
 */
KTEST(filter_waiting, while_the_file_is_open)
{
	struct file *file;

	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_EXPECT_EQ(t, file_write(FILTER, "*work:mod:ktest_module", 0), 0);
	file = vfs_open(FILTER, O_WRONLY | O_APPEND, 0);
	KT_ASSERT(t, !IS_ERR(file));
	KT_EXPECT_EQ(t, insmod(KTEST_MODULE), 0);
	KT_EXPECT_EQ(t, vfs_close(file), 0);
	KT_EXPECT(t, file_is(FILTER, "ktest_module_work [ktest_module]\n"));
	file = vfs_open(FILTER, O_WRONLY | O_APPEND, 0);
	KT_ASSERT(t, !IS_ERR(file));
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT_EQ(t, vfs_close(file), 0);
	KT_EXPECT(t, file_is(FILTER, ""));
	KT_EXPECT_EQ(t, insmod(KTEST_MODULE), 0);
	KT_EXPECT(t, file_is(FILTER, ""));
	KT_EXPECT_EQ(t, set_tracer("function"), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	restore(t);
}

/* A module without any function that can be traced ends the waiting as well. */
KTEST(filter_waiting, for_a_module_without_sites)
{
	struct ftrace_group *group;

	KT_EXPECT_EQ(t, file_write(FILTER, "kt*:mod:siteless", 0), 0);
	KT_EXPECT_EQ(t, file_write(NOTRACE, "kt*:mod:siteless", 0), 0);
	KT_EXPECT_EQ(t, ftrace_module_coming("siteless", NULL, 0, &group), 0);
	KT_EXPECT(t, !group);
	KT_EXPECT(t, file_is(FILTER, ""));
	KT_EXPECT(t, file_is(NOTRACE, "#### no functions disabled ####\n"));
	restore(t);
}

/*
 * "!*:mod:MODULE" removes everything that waits for MODULE, and a pattern can be removed only once.
 */
KTEST(filter_waiting, taken_back)
{
	KT_EXPECT_EQ(t, file_write(FILTER, "a:mod:one b:mod:one :mod:two *:mod:three", 0), 0);
	KT_EXPECT(t, file_is(FILTER, "a:mod:one\nb:mod:one\n:mod:two\n*:mod:three\n"));
	KT_EXPECT_EQ(t, shell_run("trace stat | grep -q 'filter: 0 functions'"), 0);
	KT_EXPECT_EQ(t, file_write(FILTER, "!c:mod:one", O_APPEND), -EINVAL);
	KT_EXPECT_EQ(t, file_write(FILTER, "!a:mod:two", O_APPEND), -EINVAL);
	KT_EXPECT_EQ(t, file_write(FILTER, "!*:mod:one !:mod:three", O_APPEND), 0);
	KT_EXPECT(t, file_is(FILTER, ":mod:two\n"));
	KT_EXPECT_EQ(t, file_write(FILTER, "!*:mod:one", O_APPEND), -EINVAL);
	KT_EXPECT_EQ(t, file_write(FILTER, "!*:mod:two", O_APPEND), 0);
	KT_EXPECT(t, file_is(FILTER, "#### all functions enabled ####\n"));
	restore(t);
}

/* Whatever is added and removed after the last function went with its module. */
KTEST(filter_waiting, emptied_is_never_everything)
{
	static const char *const changes[][2] = {
		{ "zzz:mod:nonesuch", "!zzz:mod:nonesuch" }, { "kt_sum", "!kt_sum" },
		{ ":mod:nonesuch", "!*:mod:nonesuch" }, { "kt_glob_*", "!kt_*" }, { "1", "!1" },
	};
	struct counter c = COUNTER;

	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !insmod(KTEST_MODULE));
	KT_EXPECT_EQ(t, file_write(FILTER, "ktest_module_work", 0), 0);
	KT_ASSERT(t, !counter_start(&c, "ktest_module_work"));
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT_EQ(t, set_tracer("function"), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(changes); i++) {
		for (unsigned int j = 0; j < 2; j++) {
			KT_EXPECT_EQ(t, file_write(FILTER, changes[i][j], O_APPEND), 0);
			KT_EXPECT_EQ(t, set(&c.ops, changes[i][j]), 0);
		}
		KT_EXPECT(t, file_is(FILTER, ""));
		KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
	}
	KT_EXPECT(t, counter_stop(&c));
	restore(t);
}
