/* SPDX-License-Identifier: MIT */
/*
 * Modules from files: they are loaded and removed, and nothing is left of them. Tracing them is
 * tested in module_files_traced.c, and refusing them in module_files_refused.c. tools/ktap.py
 * compiles tests/guest/modules/ktest_module.c and puts it into the initrd.
 */
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/module/module.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/module_files.h"
#include "trace/core/site_info.h"
#include "trace/ftrace.h"

#define T "/sys/kernel/tracing/"

char module_why[160];

static int insert_file(const char *path, char *param)
{
	char *params[] = { param };

	return module_insert(path, param ? 1 : 0, params, module_why, sizeof(module_why));
}

int kt_module_insert(char *param)
{
	return insert_file(KTEST_MODULE, param);
}

/* Slabs may keep freed memory, but all pages and mappings must have been given back. */
unsigned long kt_used_pages(void)
{
	struct mm_stats stats;

	kt_mm_stats(&stats);
	return stats.total_pages - stats.free_pages - stats.slab_pages;
}

/*
 * For KASAN the compiler adds a constructor and a destructor to each file with variables. They are
 * sites only if the compiler also makes sites of functions of its own: the kernel's files tell.
 */
unsigned int kt_module_sites(void)
{
	static char name[KSYM_NAME_LEN];
	struct ftrace_site_info info;

	for (unsigned int n = 0; (KASAN || KCSAN) && ftrace_site_info(n, &info); n++) {
		if (!lookup_symbol_name(info.ip, name) && strstr(name, "_sub_I_") == name)
			return KASAN ? 8 : 7;
	}
	return 6;
}

KTEST(module_files, load_and_remove)
{
	unsigned int sites = ftrace_nr_sites();
	char symbol[KSYM_SYMBOL_LEN];
	unsigned long work;

	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !kt_module_insert(NULL));
	KT_EXPECT_EQ(t, kt_module_insert(NULL), -EEXIST);
	KT_EXPECT_EQ(t, insmod("ktest-module"), -EEXIST);
	KT_EXPECT(t, file_has("/proc/modules", "ktest_module "));
	KT_EXPECT(t, file_has("/proc/kallsyms", " ktest_module_work\t[ktest_module]"));
	KT_EXPECT(t, file_has(T "available_filter_functions",
			      "ktest_module_static [ktest_module]"));
	KT_EXPECT_EQ(t, ftrace_nr_sites(), sites + kt_module_sites());
	work = kallsyms_lookup_name("ktest_module_work");
	KT_ASSERT(t, work != 0);
	sprint_symbol_no_offset(symbol, work + 1);
	KT_EXPECT_STREQ(t, symbol, "ktest_module_work [ktest_module]");
	KT_EXPECT(t, ftrace_location(work) != 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), -ENOENT);
	KT_EXPECT_EQ(t, ftrace_location(work), 0);
	KT_EXPECT_EQ(t, ftrace_nr_sites(), sites);
	KT_EXPECT_EQ(t, kallsyms_lookup_name("ktest_module_work"), 0);
	KT_EXPECT(t, !kernel_text_address(work));
}

KTEST(module_files, parameters)
{
	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	KT_ASSERT(t, !kt_module_insert("value=20"));
	KT_EXPECT(t, file_has(T "trace", "none: 41"));
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_ASSERT(t, !kt_module_insert("word=given"));
	KT_EXPECT(t, file_has(T "trace", "given: 7"));
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	/* Its format is needed for longer than the module. */
	KT_EXPECT(t, file_has(T "trace", "given: 7"));
	KT_EXPECT_EQ(t, kt_module_insert("value=twenty"), -EINVAL);
	KT_EXPECT_STREQ(t, module_why, "parameter value: twenty is no int");
	KT_EXPECT_EQ(t, kt_module_insert("leave=maybe"), -EINVAL);
	KT_EXPECT_STREQ(t, module_why, "parameter leave: maybe is no bool");
	KT_EXPECT_EQ(t, kt_module_insert("value"), -EINVAL);
	KT_EXPECT_STREQ(t, module_why, "no parameter value");
	KT_EXPECT_EQ(t, kt_module_insert("nonesuch=1"), -EINVAL);
	KT_EXPECT_STREQ(t, module_why, "no parameter nonesuch=1");
}

KTEST(module_files, failing_init_leaves_nothing)
{
	unsigned int sites = ftrace_nr_sites();

	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_EXPECT_EQ(t, kt_module_insert("fail=-16"), -EBUSY);
	KT_EXPECT(t, !file_has("/proc/modules", "ktest_module "));
	KT_EXPECT_EQ(t, ftrace_nr_sites(), sites);
	KT_EXPECT_EQ(t, kallsyms_lookup_name("ktest_module_work"), 0);
}

static int remove_module(void *unused)
{
	return module_remove("ktest_module");
}

/*
 * As long as a thread has not begun, its stack says nothing of the module's function that it will
 * run.
 */
KTEST(module_files, thread_that_has_not_begun_is_inside)
{
	struct task_struct *thread, *remover;
	int (*function)(void *);

	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !kt_module_insert(NULL));
	function = (void *)kallsyms_lookup_name("ktest_module_thread");
	KT_ASSERT(t, function);
	thread = kthread_create(function, NULL, "kt-module");
	KT_ASSERT(t, !IS_ERR(thread));
	remover = kthread_run(remove_module, NULL, "kt-remover");
	KT_ASSERT(t, !IS_ERR(remover));
	/* Removing cannot end before the thread has, for five seconds. */
	for (int i = 0; i < 20 && !READ_ONCE(remover->exited); i++)
		msleep(5);
	KT_ASSERT(t, !READ_ONCE(remover->exited));
	wake_up_process(thread);
	KT_EXPECT_EQ(t, kthread_join(thread), 7);
	KT_EXPECT_EQ(t, kthread_join(remover), 0);
	KT_EXPECT_EQ(t, kallsyms_lookup_name("ktest_module_thread"), 0);
}

/* A client that compiles with <linux/ftrace.h>, <linux/module.h> and <linux/sched/stat.h> alone. */
KTEST(module_files, headers_bring_what_linux_has)
{
	KT_NEED_MODULE(t, "/lib/modules/linux_includes.ko");
	KT_EXPECT_EQ(t, insert_file("/lib/modules/linux_includes.ko", NULL), 0);
	KT_EXPECT_STREQ(t, module_why, "");
	KT_EXPECT_EQ(t, module_remove("linux_includes"), 0);
}

KTEST(module_files, nothing_leaks)
{
	unsigned long before = 0;
	unsigned int round;

	KT_NEED_MODULE(t, KTEST_MODULE);
	for (round = 0; round < 24; round++) {
		if (round == 4)
			before = kt_used_pages();
		KT_EXPECT_EQ(t, kt_module_insert(round & 1 ? "word=a" : "fail=-5"),
			     round & 1 ? 0 : -EIO);
		if (round & 1)
			KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	}
	KT_EXPECT_EQ(t, kt_used_pages(), before);
}

/* Each allocation of a load fails in turn: the load returns an error, and nothing is left. */
KTEST(module_files, no_memory)
{
	unsigned int sites = ftrace_nr_sites();
	int n, err = -ENOMEM;

	KT_NEED_MODULE(t, KTEST_MODULE);
	for (n = 0; n < 300 && err; n++) {
		mm_fail_after(n);
		err = kt_module_insert(NULL);
		mm_fail_after(-1);
		if (err && (ftrace_nr_sites() != sites ||
			    kallsyms_lookup_name("ktest_module_work"))) {
			KT_EXPECT(t, !"something is left");
			return;
		}
	}
	KT_EXPECT(t, n > 8);
	KT_EXPECT_EQ(t, err, 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
}

/*
 * The functions that a compiler calls by itself exist and are right: the module's init checks that.
 */
KTEST(module_files, compilers_helpers)
{
	KT_NEED_MODULE(t, "/lib/modules/helpers.ko");
	KT_EXPECT_EQ(t, insert_file("/lib/modules/helpers.ko", NULL), 0);
	KT_EXPECT_STREQ(t, module_why, "");
	KT_EXPECT_EQ(t, module_remove("helpers"), 0);
}
