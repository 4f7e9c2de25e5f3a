/* SPDX-License-Identifier: MIT */
/* The kernel's own symbol table: names to addresses and back, in order, with sizes. */
#include "kernel/kallsyms.h"
#include "kernel/ktest.h"
#include "kernel/printk.h"
#include "kernel/string.h"
#include "tests/ktest/targets.h"
#include "trace/ftrace.h"

extern char _text[], _etext[];
static char data_byte;

KTEST(symbols, names_and_addresses)
{
	unsigned long sum = (unsigned long)kt_sum, size, offset;
	const char *module = NULL, *name;

	KT_EXPECT_EQ(t, kallsyms_lookup_name("kt_sum"), sum);
	KT_EXPECT_EQ(t, kallsyms_lookup_name("kt_su"), 0);
	KT_EXPECT_EQ(t, kallsyms_lookup_name(""), 0);
	name = kallsyms_lookup(sum, &size, &offset, &module);
	KT_ASSERT(t, name && module);
	KT_EXPECT_STREQ(t, name, "kt_sum");
	KT_EXPECT_STREQ(t, module, "");
	KT_EXPECT_EQ(t, offset, 0);
	KT_EXPECT(t, size > 4 && size < 256);
	name = kallsyms_lookup(sum + size - 1, NULL, &offset, NULL);
	KT_ASSERT(t, name);
	KT_EXPECT_STREQ(t, name, "kt_sum");
	KT_EXPECT_EQ(t, offset, size - 1);
}

KTEST(symbols, what_is_no_symbol)
{
	KT_EXPECT(t, !kallsyms_lookup(0, NULL, NULL, NULL));
	KT_EXPECT(t, !kallsyms_lookup(~0ul, NULL, NULL, NULL));
	KT_EXPECT(t, !kallsyms_lookup((unsigned long)&data_byte, NULL, NULL, NULL));
	KT_EXPECT(t, !kernel_text_address(0));
	KT_EXPECT(t, !kernel_text_address((unsigned long)&data_byte));
	KT_EXPECT(t, kernel_text_address((unsigned long)kt_sum));
	KT_EXPECT(t, kernel_text_address((unsigned long)_text));
	KT_EXPECT(t, !kernel_text_address((unsigned long)_etext));
}

/* Sorted, and every symbol finds itself, but for start-up code, which is gone. */
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
			wrong += !kallsyms_lookup(addr, NULL, &offset, NULL) || offset;
	}
	KT_EXPECT(t, gone < n / 10);
	KT_EXPECT_EQ(t, wrong, 0);
	KT_EXPECT(t, !kallsyms_at(kallsyms_count(), &name, &addr));
}

/* Each site belongs to a symbol and has its name: what tracefs prints for it. */
KTEST(symbols, every_site_has_a_name)
{
	struct ftrace_site_info info;
	unsigned int n, wrong = 0;

	for (n = 0; ftrace_site_info(n, &info); n++) {
		const char *name = ftrace_site_name(info.ip);
		const char *symbol = kallsyms_lookup(info.ip, NULL, NULL, NULL);

		wrong += !name || !symbol || strcmp(name, symbol);
	}
	KT_EXPECT_EQ(t, n, ftrace_nr_sites());
	KT_EXPECT_EQ(t, wrong, 0);
}

KTEST(symbols, printed)
{
	unsigned long sum = (unsigned long)kt_sum, size;
	char text[KSYM_SYMBOL_LEN], expected[64];

	KT_ASSERT(t, kallsyms_lookup(sum, &size, NULL, NULL));
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

/* Generated code gets its name from a range, as long as that is there. */
KTEST(symbols, ranges)
{
	static struct ksym_range range = {
		.start = 0x1000, .size = 0x100, .name = "ktest_range",
	};
	unsigned long size, offset;
	const char *name;

	KT_EXPECT(t, !kallsyms_lookup(0x1010, NULL, NULL, NULL));
	kallsyms_add_range(&range);
	name = kallsyms_lookup(0x1010, &size, &offset, NULL);
	KT_ASSERT(t, name);
	KT_EXPECT_STREQ(t, name, "ktest_range");
	KT_EXPECT_EQ(t, size, 0x100);
	KT_EXPECT_EQ(t, offset, 0x10);
	KT_EXPECT(t, !kallsyms_lookup(0x1100, NULL, NULL, NULL));
	kallsyms_remove_range(&range);
	KT_EXPECT(t, !kallsyms_lookup(0x1010, NULL, NULL, NULL));
}
