/* SPDX-License-Identifier: MIT */
/* The kernel's own symbol table: names to addresses and back, in order, with sizes. */
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/sched.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/site_info.h"
#include "trace/ftrace.h"

static char data_byte;

/* Finds what is at @addr. The strings belong to the kernel or to this file, and stay. */
static bool find(unsigned long addr, struct ksym *sym)
{
	unsigned long flags = arch_irq_save();
	bool found = kallsyms_lookup(addr, sym);

	arch_irq_restore(flags);
	return found;
}

KTEST(symbols, names_and_addresses)
{
	unsigned long sum = (unsigned long)kt_sum, size, offset;
	char name[KSYM_NAME_LEN];
	struct ksym sym;

	KT_EXPECT_EQ(t, kallsyms_lookup_name("kt_sum"), sum);
	KT_EXPECT_EQ(t, kallsyms_lookup_name("kt_su"), 0);
	KT_EXPECT_EQ(t, kallsyms_lookup_name(""), 0);
	KT_ASSERT(t, find(sum, &sym));
	KT_EXPECT_STREQ(t, sym.name, "kt_sum");
	KT_EXPECT_STREQ(t, sym.module, "");
	KT_EXPECT_EQ(t, sym.offset, 0);
	KT_EXPECT(t, sym.size > 4 && sym.size < 256);
	KT_EXPECT(t, kallsyms_lookup_size_offset(sum + sym.size - 1, &size, &offset));
	KT_EXPECT_EQ(t, size, sym.size);
	KT_EXPECT_EQ(t, offset, size - 1);
	KT_EXPECT_EQ(t, lookup_symbol_name(sum + size - 1, name), 0);
	KT_EXPECT_STREQ(t, name, "kt_sum");
}

KTEST(symbols, what_is_no_symbol)
{
	static const unsigned long nowhere[] = { 0, ~0ul, (unsigned long)&data_byte };
	char name[KSYM_NAME_LEN];
	struct ksym sym;

	for (unsigned int n = 0; n < ARRAY_SIZE(nowhere); n++) {
		KT_EXPECT(t, !find(nowhere[n], &sym));
		KT_EXPECT(t, !kallsyms_lookup_size_offset(nowhere[n], NULL, NULL));
		KT_EXPECT_EQ(t, lookup_symbol_name(nowhere[n], name), -ERANGE);
	}
	KT_EXPECT(t, !kernel_text_address(0));
	KT_EXPECT(t, !kernel_text_address((unsigned long)&data_byte));
	KT_EXPECT(t, kernel_text_address((unsigned long)kt_sum));
	KT_EXPECT(t, kernel_text_address((unsigned long)_text));
	KT_EXPECT(t, !kernel_text_address((unsigned long)_etext));
}

/*
 * The table is sorted, and every symbol is found at its address, except for start-up code, which is
 * gone.
 */
KTEST(symbols, whole_table)
{
	unsigned long addr, last = 0, offset;
	unsigned int n, wrong = 0, gone = 0;
	const char *name;

	KT_EXPECT(t, kallsyms_count() > 400);
	for (n = 0; n < kallsyms_count(); n++) {
		if (!KT_EXPECT(t, kallsyms_at(n, &name, &addr)))
			break;
		wrong += addr < last || !*name;
		last = addr;
		if (!kernel_text_address(addr))
			gone++;
		else
			wrong += !kallsyms_lookup_size_offset(addr, NULL, &offset) || offset;
	}
	KT_EXPECT(t, gone < n / 10);
	KT_EXPECT_EQ(t, wrong, 0);
	KT_EXPECT(t, !kallsyms_at(kallsyms_count(), &name, &addr));
}

/* Each site belongs to a symbol, whose name is what tracefs prints for it. */
KTEST(symbols, every_site_has_a_name)
{
	struct ftrace_site_info info;
	unsigned int n, wrong = 0;
	struct ksym sym;

	for (n = 0; ftrace_site_info(n, &info); n++)
		wrong += !find(info.ip, &sym) || !*sym.name;
	KT_EXPECT_EQ(t, n, ftrace_nr_sites());
	KT_EXPECT_EQ(t, wrong, 0);
}

KTEST(symbols, printed)
{
	unsigned long sum = (unsigned long)kt_sum, size;
	char text[KSYM_SYMBOL_LEN], expected[64];

	KT_ASSERT(t, kallsyms_lookup_size_offset(sum, &size, NULL));
	snprintf(expected, sizeof(expected), "kt_sum+0x3/0x%lx", size);
	KT_EXPECT_EQ(t, sprint_symbol(text, sum + 3), (int)strlen(expected));
	KT_EXPECT_STREQ(t, text, expected);
	snprintf(text, sizeof(text), "%pS", (void *)(sum + 3));
	KT_EXPECT_STREQ(t, text, expected);
	KT_EXPECT_EQ(t, sprint_symbol_no_offset(text, sum + 3), 6);
	KT_EXPECT_STREQ(t, text, "kt_sum");
	snprintf(text, sizeof(text), "<%ps>", (void *)(sum + 3));
	KT_EXPECT_STREQ(t, text, "<kt_sum>");
	snprintf(text, sizeof(text), "%pS", (void *)8);
	KT_EXPECT(t, !strchr(text, '+'));
}

/* Generated code gets its name from a range, for as long as that is registered. */
static struct ksym_range range = { .start = 0x1000, .size = 0x100, .name = "ktest_range" };

KTEST(symbols, ranges)
{
	struct ksym sym;

	KT_EXPECT(t, !find(0x1010, &sym));
	kallsyms_add_range(&range);
	KT_ASSERT(t, find(0x1010, &sym));
	KT_EXPECT_STREQ(t, sym.name, "ktest_range");
	KT_EXPECT_EQ(t, sym.size, 0x100);
	KT_EXPECT_EQ(t, sym.offset, 0x10);
	KT_EXPECT(t, !find(0x1100, &sym));
	kallsyms_remove_range(&range);
	KT_EXPECT(t, !find(0x1010, &sym));
}

static struct {
	bool stop, done;		/* the test writes stop, the reader done */
	bool inside;
	unsigned int reads, late;
} reading;

/* Reads the name in any case: where the memory is watched, that read is what reports. */
static bool is_late(const struct ksym *sym)
{
	bool empty = !READ_ONCE(*sym->name);

	return READ_ONCE(reading.done) || empty;
}

/*
 * Looks the range up again and again, and keeps the result for a while, as a reader does that
 * prints it: it must not count as freed in that time. The last look comes after that time, however
 * long the host stopped this CPU in it.
 */
static int read_range(void *unused)
{
	while (!READ_ONCE(reading.stop)) {
		unsigned long flags = arch_irq_save();
		struct ksym sym;

		if (kallsyms_lookup(range.start, &sym)) {
			smp_store_release(&reading.inside, true);
			for (u64 end = ktime_get_ns() + 500 * NSEC_PER_USEC; ktime_get_ns() < end;)
				reading.late += is_late(&sym);
			reading.late += is_late(&sym);
			smp_store_release(&reading.inside, false);
			reading.reads++;
		}
		arch_irq_restore(flags);
	}
	return 0;
}

/* A range whose name is memory of its own; NULL if there is none. */
static struct ksym_range *make_range(void)
{
	struct ksym_range *made = kmalloc(sizeof(*made), GFP_KERNEL);

	if (!made)
		return NULL;
	*made = range;
	made->name = kstrdup("ktest_range", GFP_KERNEL);
	if (made->name)
		return made;
	kfree(made);
	return NULL;
}

/*
 * Whoever removes names may free them afterwards: no reader on another CPU that found them before
 * still uses them.
 */
KTEST(symbols, removing_waits_for_readers)
{
	struct task_struct *task;

	if (nr_cpus_online < 2)
		KT_SKIP(t, "one CPU: a reader cannot be there while another thread runs");
	memset(&reading, 0, sizeof(reading));
	task = kthread_create(read_range, NULL, "ktest-reader");
	KT_ASSERT(t, !IS_ERR(task) && !set_cpus_allowed(1));
	kthread_bind(task, 1);
	wake_up_process(task);
	for (unsigned int round = 0; round < 100; round++) {
		struct ksym_range *made = make_range();

		if (!KT_EXPECT(t, made))
			break;
		WRITE_ONCE(reading.done, false);
		kallsyms_add_range(made);
		while (!smp_load_acquire(&reading.inside))
			arch_cpu_relax();
		kallsyms_remove_range(made);
		WRITE_ONCE(reading.done, true);
		kfree((void *)made->name);
		kfree(made);
	}
	WRITE_ONCE(reading.stop, true);
	kthread_join(task);
	KT_EXPECT(t, reading.reads >= 100);
	KT_EXPECT_EQ(t, reading.late, 0);
}
