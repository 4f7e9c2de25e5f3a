/* SPDX-License-Identifier: MIT */
/* `trace why`: what it says of functions of each kind, and that it has a reason for every one. */
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/shell/console.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/site_info.h"
#include "trace/ftrace.h"
#include "trace/tracefs/function_table.h"

#define OUT "/tmp/why"

/* Does `trace why @name` end with @status, and say @text? */
static bool says(const char *name, int status, const char *text)
{
	char line[160];

	snprintf(line, sizeof(line), "trace why %s > " OUT, name);
	return shell_run(line) == status && file_has(OUT, text);
}

KTEST(tracefs, why_reasons)
{
	KT_EXPECT(t, says("vfs_read", 0, "vfs_read: can be traced (kernel/fs/vfs.c)"));
	KT_EXPECT(t, says("kallsyms_lookup", 1, "kernel/kallsyms.c is in untraced_sources"));
	KT_EXPECT(t, says("task_comm_of", 1, "marked notrace in kernel/sched/thread.c"));
	KT_EXPECT(t, says("ftrace_caller", 1, "assembly without a site (arch/"));
	KT_EXPECT(t, says("get_current", 1, "every call is inlined, in "));
	KT_EXPECT(t, says("mm_init", 1, "its code was freed (kernel/mm/mm_init.c)"));
	KT_EXPECT_EQ(t, shell_run("trace why no_such_function"), 1);
	KT_EXPECT_EQ(t, shell_run("trace why"), 1);
	KT_EXPECT_EQ(t, shell_run("rm " OUT), 0);
}

static notrace void callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			     struct ftrace_regs *fregs)
{
}

KTEST(tracefs, why_attached)
{
	static struct ftrace_ops ops = { .func = callback }, second = { .func = callback };
	unsigned long ip = (unsigned long)kt_sum;

	tracing_restore(t);
	KT_EXPECT(t, says("kt_sum", 0, "nothing is attached"));
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&ops, ip, 0, 0), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&second, ip, 0, 0), 0);
	KT_EXPECT_EQ(t, register_ftrace_function(&ops), 0);
	KT_EXPECT(t, says("kt_sum", 0, "  calls callback\n"));
	/* Costs are known only with the default options. */
	if (function_call_cost(COST_OPS_1)) {
		char line[64];

		snprintf(line, sizeof(line), "  a call costs %u instructions more, and",
			 function_call_cost(COST_OPS_1));
		KT_EXPECT(t, says("kt_sum", 0, line));
	}
	KT_EXPECT_EQ(t, register_ftrace_function(&second), 0);
	KT_EXPECT(t, says("kt_sum", 0, "  calls callback"));
	KT_EXPECT_EQ(t, file_count(OUT, "  calls callback"), 2);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&second), 0);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&ops), 0);
	KT_EXPECT_EQ(t, file_write("/sys/kernel/tracing/set_ftrace_filter", "kt_sum\n", 0), 0);
	KT_EXPECT_EQ(t, file_write("/sys/kernel/tracing/current_tracer", "function\n", 0), 0);
	/* Or function_trace_hidden_call, if a thread sleeps in a call that was in a graph. */
	KT_EXPECT(t, says("kt_sum", 0, "  calls function_trace_"));
	tracing_restore(t);
	KT_EXPECT(t, says("kt_sum", 0, "nothing is attached"));
	ftrace_free_filter(&ops);
	ftrace_free_filter(&second);
	KT_EXPECT_EQ(t, shell_run("rm " OUT), 0);
}

/* What available_filter_functions does not list is all that has a reason, and nothing else. */
KTEST(tracefs, why_is_complete)
{
	unsigned int sites = 0, listed = 0;
	struct function_source source;
	struct ftrace_site_info info;
	unsigned long addr;
	const char *name;

	for (unsigned int i = 0; kallsyms_at(i, &name, &addr); i++) {
		function_source_of(i, &source);
		sites += ftrace_location(addr) != 0;
		KT_EXPECT(t, (source.kind == SOURCE_UNKNOWN) == !*source.name);
	}
	for (unsigned int i = 0; ftrace_site_info(i, &info); i++) {
		unsigned long flags = arch_irq_save();
		struct ksym sym;

		/* The sites of modules that a case before this one has left are in no table. */
		listed += kallsyms_lookup(info.ip, &sym) && !*sym.module;
		arch_irq_restore(flags);
	}
	KT_EXPECT_EQ(t, sites, listed);
}
