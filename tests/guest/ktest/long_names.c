/* SPDX-License-Identifier: MIT */
/*
 * Functions with the longest names that are possible and that differ in the last byte. Each is
 * found, printed, filtered and traced by its own name, in the kernel and in a module. Nothing is
 * cut off.
 */
#include "tests/guest/ktest/long_names.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/module/module.h"
#include "kernel/printk.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "trace/ftrace.h"

#define T "/sys/kernel/tracing/"
#define NAME_A LONG_NAME("ktest", "_a")
#define NAME_B LONG_NAME("ktest", "_b")
_Static_assert(sizeof(NAME_A) == KSYM_NAME_LEN, "the longest name");

int long_a(int n) __asm__(NAME_A);
int long_b(int n) __asm__(NAME_B);

noinline int long_a(int n)
{
	barrier();
	return n + 1;
}

noinline int long_b(int n)
{
	barrier();
	return long_a(n) * 2;
}

KTEST(long_names, looked_up_and_printed)
{
	static char text[2 * KSYM_SYMBOL_LEN];
	char name[KSYM_NAME_LEN];

	KT_EXPECT_EQ(t, kallsyms_lookup_name(NAME_A), (unsigned long)long_a);
	KT_EXPECT_EQ(t, kallsyms_lookup_name(NAME_B), (unsigned long)long_b);
	KT_EXPECT_EQ(t, lookup_symbol_name((unsigned long)long_b + 1, name), 0);
	KT_EXPECT_STREQ(t, name, NAME_B);
	KT_EXPECT_EQ(t, sprint_symbol_no_offset(text, (unsigned long)long_a), KSYM_NAME_LEN - 1);
	KT_EXPECT_STREQ(t, text, NAME_A);
	snprintf(text, sizeof(text), "%ps and %515ps", (void *)long_b, (void *)long_a);
	KT_EXPECT_STREQ(t, text, NAME_B " and     " NAME_A);
	/* There is not enough room, and the returned length is that of the whole text. */
	KT_EXPECT_EQ(t, snprintf(text, 9, "%ps", (void *)long_b), KSYM_NAME_LEN - 1);
	KT_EXPECT_STREQ(t, text, "ktest_te");
	KT_EXPECT(t, file_has("/proc/kallsyms", " " NAME_A));
	KT_EXPECT(t, file_has("/proc/kallsyms", " " NAME_B));
}

/*
 * Traces only @name. enabled_functions must have @line and no other, and the trace must show as
 * many calls as were made.
 */
static void trace_one(struct ktest *t, const char *name, const char *line, const char *event)
{
	KT_EXPECT(t, file_has(T "available_filter_functions", name));
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", name, 0), 0);
	KT_EXPECT_EQ(t, file_count(T "set_ftrace_filter", name), 1);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 1);
	KT_EXPECT(t, file_has(T "enabled_functions", line));
	KT_EXPECT_EQ(t, long_b(20), 42);
	KT_EXPECT_EQ(t, file_count(T "trace", event), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", " <-"), 1);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
}

KTEST(long_names, filtered_and_traced)
{
	trace_one(t, NAME_A, NAME_A " (1)", NAME_A " <-" NAME_B);
	trace_one(t, NAME_B, NAME_B " (1)", NAME_B " <-");
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", NAME_A "x", 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", LONG_NAME("ktest", "_?"), 0), 0);
	KT_EXPECT_EQ(t, file_count(T "set_ftrace_filter", "ktest_ten_bytes"), 2);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
}

KTEST(long_names, in_a_module)
{
	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !insmod(KTEST_MODULE));
	KT_EXPECT(t, kallsyms_lookup_name(LONG_NAME("modul", "_a")) != 0);
	KT_EXPECT(t, kallsyms_lookup_name(LONG_NAME("modul", "_b")) != 0);
	KT_EXPECT(t, kallsyms_lookup_name(LONG_NAME("modul", "_a")) !=
		  kallsyms_lookup_name(LONG_NAME("modul", "_b")));
	KT_EXPECT(t, file_has("/proc/kallsyms", LONG_NAME("modul", "_a") "\t[ktest_module]"));
	KT_EXPECT(t, file_has("/proc/kallsyms", LONG_NAME("modul", "_b") "\t[ktest_module]"));
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter",
				   LONG_NAME("modul", "_b") ":mod:ktest_module", 0), 0);
	KT_EXPECT(t, file_is(T "set_ftrace_filter", LONG_NAME("modul", "_b") " [ktest_module]\n"));
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
}
