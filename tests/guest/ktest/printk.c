/* SPDX-License-Identifier: MIT */
/* Text formatting and the kernel log. The host tests check formats in detail. */
#include <stdarg.h>
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"

/* Formats, and compares the text and the returned length. */
#define EXPECT_FORMAT(t, expected, fmt, args...) do {				\
	char _text[128];							\
	int _len = snprintf(_text, sizeof(_text), fmt, ##args);			\
										\
	KT_EXPECT_STREQ(t, _text, expected);					\
	KT_EXPECT_EQ(t, _len, sizeof(expected) - 1);				\
} while (0)

KTEST(printk, integers)
{
	EXPECT_FORMAT(t, "0 -1 4294967295", "%d %d %u", 0, -1, -1);
	EXPECT_FORMAT(t, "-2147483648", "%d", -2147483647 - 1);
	EXPECT_FORMAT(t, "18446744073709551615", "%llu", ~0ull);
	EXPECT_FORMAT(t, "-9223372036854775808", "%lld", -9223372036854775807ll - 1);
	EXPECT_FORMAT(t, "deadbeef DEADBEEF 0x1f", "%x %X %#x", 0xdeadbeefu, 0xdeadbeefu, 0x1fu);
	EXPECT_FORMAT(t, "fedcba9876543210", "%llx", 0xfedcba9876543210ull);
	EXPECT_FORMAT(t, "777", "%o", 0777u);
	EXPECT_FORMAT(t, "[   42] [42   ]", "[%5d] [%-5d]", 42, 42);
	EXPECT_FORMAT(t, "[00042] [+42]", "[%05d] [%+d]", 42, 42);
	EXPECT_FORMAT(t, "[  007]", "[%5.3d]", 7);
	EXPECT_FORMAT(t, "[   -7]", "[%*d]", 5, -7);
	EXPECT_FORMAT(t, "1 2 3", "%zu %lu %hhu", (size_t)1, 2ul, (unsigned char)3);
	EXPECT_FORMAT(t, "100%", "%d%%", 100);
}

KTEST(printk, strings)
{
	const char *volatile no_string = NULL;	/* volatile, so that the compiler does not see it */

	EXPECT_FORMAT(t, "abc", "%s", "abc");
	EXPECT_FORMAT(t, "[  abc] [abc  ] [ab]", "[%5s] [%-5s] [%.2s]", "abc", "abc", "abc");
	EXPECT_FORMAT(t, "[ab]", "[%.*s]", 2, "abc");
	EXPECT_FORMAT(t, "x[c]", "x[%c]", 'c');
	EXPECT_FORMAT(t, "(null)", "%s", no_string);
}

/*
 * Bad strings print Linux's words for them and do not fault, and the argument after them is the
 * right one.
 */
KTEST(printk, bad_strings)
{
	const char *volatile bad[] = {
		(char *)1, (char *)(PAGE_SIZE - 1), ERR_PTR(-EINVAL), ERR_PTR(-MAX_ERRNO),
		(char *)PAGE_SIZE,
	};
	char *page = vmalloc(PAGE_SIZE), *last = page + PAGE_SIZE - 3;
	const char *volatile end = page + PAGE_SIZE;

	KT_ASSERT(t, page);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_FORMAT(t, "(efault) (efault) 7", "%s %pM %d", bad[i], bad[i], 7);
	/* A guard page comes after it. */
	memcpy(last, "abc", 3);
	EXPECT_FORMAT(t, "(efault) (efault) abc 7", "%s %s %.3s %d", end, last, last, 7);
	EXPECT_FORMAT(t, "(efault) 7", "%4ph %d", last, 7);
	last[2] = '\0';
	EXPECT_FORMAT(t, "ab 7", "%s %d", last, 7);
	vfree(page);
}

KTEST(printk, unknown_conversion_ends_formatting)
{
	char text[32];
	const char *volatile fmt = "%d %y %d\n";	/* otherwise the compiler objects */

	KT_EXPECT_EQ(t, snprintf(text, sizeof(text), fmt, 1, 2, 3), 8);
	KT_EXPECT_STREQ(t, text, "1 %y %d\n");
}

KTEST(printk, error_names_and_bytes)
{
	static const u8 mac[] = { 1, 0xab, 0xff, 0, 2, 3 };

	EXPECT_FORMAT(t, "-ENOMEM -4000 7", "%pe %pe %d", ERR_PTR(-ENOMEM), ERR_PTR(-4000), 7);
	EXPECT_FORMAT(t, "01:ab:ff:00:02:03 01ab 7", "%pM %2phN %d", mac, mac, 7);
	EXPECT_FORMAT(t, "123456789abcdef -1 7", "%llx %hhd %d", 0x123456789abcdefull, (char)-1, 7);
}

KTEST(printk, truncation)
{
	char small[5];

	memset(small, 'x', sizeof(small));
	KT_EXPECT_EQ(t, snprintf(small, 4, "%s", "abcdef"), 6);
	KT_EXPECT_STREQ(t, small, "abc");
	KT_EXPECT_EQ(t, small[4], 'x');
	KT_EXPECT_EQ(t, scnprintf(small, 4, "%d", 123456), 3);
	KT_EXPECT_STREQ(t, small, "123");
	KT_EXPECT_EQ(t, snprintf(NULL, 0, "%s", "abcdef"), 6);
	KT_EXPECT_EQ(t, scnprintf(small, 0, "abc"), 0);
}

static void format_nested(char *text, size_t size, const char *fmt, ...)
{
	struct va_format nested = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	nested.va = &args;
	snprintf(text, size, "<%pV>", (void *)&nested);
	va_end(args);
}

KTEST(printk, pointers)
{
	char text[64];

	snprintf(text, sizeof(text), "%p", (void *)0x1234);
	KT_EXPECT_EQ(t, strlen(text), 2 * sizeof(void *));
	KT_EXPECT(t, strstr(text, "00001234"));
	format_nested(text, sizeof(text), "%d-%s", 7, "x");
	KT_EXPECT_STREQ(t, text, "<7-x>");
}

/* The first byte after a function's end is where its last call returns to. */
KTEST(printk, return_addresses)
{
	unsigned long start = (unsigned long)printk, size, offset;
	char text[KSYM_SYMBOL_LEN], expected[64];

	KT_ASSERT(t, kallsyms_lookup_size_offset(start, &size, &offset));
	scnprintf(expected, sizeof(expected), "printk+0x%lx/0x%lx", size, size);
	snprintf(text, sizeof(text), "%pB", (void *)(start + size));
	KT_EXPECT_STREQ(t, text, expected);
	snprintf(text, sizeof(text), "%ps %pSR", (void *)start, (void *)(start + 1));
	scnprintf(expected, sizeof(expected), "printk printk+0x1/0x%lx", size);
	KT_EXPECT_STREQ(t, text, expected);
}

KTEST(printk, log_is_readable)
{
	u64 pos = 0;

	log_has(&pos, "");
	pr_debug("ktest: %s of %d\n", "message", 3);
	KT_EXPECT(t, log_has(&pos, "ktest: message of 3\n"));
	KT_EXPECT(t, !log_has(&pos, "ktest"));
	pr_debug("ktest: first");
	pr_cont(", second\n");
	KT_EXPECT(t, log_has(&pos, "ktest: first, second\n"));
}

KTEST(printk, number_parsing)
{
	unsigned long long ull;
	unsigned long ul;
	char *end;
	int i;

	KT_EXPECT_EQ(t, kstrtoint("-42\n", 10, &i), 0);
	KT_EXPECT_EQ(t, i, -42);
	KT_EXPECT_EQ(t, kstrtoul("0x1f", 0, &ul), 0);
	KT_EXPECT_EQ(t, ul, 0x1f);
	KT_EXPECT_EQ(t, kstrtoull("18446744073709551615", 10, &ull), 0);
	KT_EXPECT(t, ull == ~0ull);
	KT_EXPECT_EQ(t, kstrtoull("18446744073709551616", 10, &ull), -ERANGE);
	KT_EXPECT_EQ(t, kstrtoint("2147483648", 10, &i), -ERANGE);
	KT_EXPECT_EQ(t, kstrtoint("", 10, &i), -EINVAL);
	KT_EXPECT_EQ(t, kstrtoint("12x", 10, &i), -EINVAL);
	KT_EXPECT_EQ(t, kstrtoul("-1", 10, &ul), -EINVAL);
	KT_EXPECT(t, memparse("4K rest", &end) == 4096);
	KT_EXPECT_STREQ(t, end, " rest");
	KT_EXPECT(t, memparse("2G", &end) == 2ull << 30);
}
