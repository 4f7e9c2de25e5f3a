/* SPDX-License-Identifier: MIT */
/*
 * kernel/vsprintf.c against the C library's printf: every combination of flags,
 * widths, precisions and lengths that both define, random formats, Linux's
 * extensions, and buffers that are too small. The kernel's functions are
 * compiled under other names (kernel_vsnprintf ...).
 */
#include "kernel/kallsyms.h"
#include "tests/host/tap.h"

int kernel_vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
int kernel_snprintf(char *buf, size_t size, const char *fmt, ...);
int kernel_scnprintf(char *buf, size_t size, const char *fmt, ...);

int sprint_symbol(char *buf, unsigned long addr)
{
	return sprintf(buf, "symbol_%lx+0x4/0x10", addr);
}

int sprint_symbol_no_offset(char *buf, unsigned long addr)
{
	return sprintf(buf, "symbol_%lx", addr);
}

#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

static void compare(const char *fmt, ...)
{
	char ours[600], theirs[600];
	va_list args, copy;
	int our_len, their_len;

	memset(ours, 'x', sizeof(ours));
	va_start(args, fmt);
	va_copy(copy, args);
	our_len = kernel_vsnprintf(ours, sizeof(ours), fmt, args);
	their_len = vsnprintf(theirs, sizeof(theirs), fmt, copy);
	va_end(copy);
	va_end(args);
	if (our_len != their_len || strcmp(ours, theirs))
		tap_fail(__FILE__, __LINE__, "\"%s\": \"%s\" (%d), C library \"%s\" (%d)", fmt,
			 ours, our_len, theirs, their_len);
}

static const char *const flags[] = {
	"", "-", "+", " ", "0", "#", "-+", "+0", " 0", "#0", "-#", "-0", "+ ", "-+ #0",
};
static const char *const widths[] = { "", "1", "5", "12", "30" };
static const char *const precisions[] = { "", ".", ".0", ".1", ".7", ".25" };

/* Calls @fn with every "%FLAGS WIDTH PRECISION". */
static void for_each_spec(void (*fn)(const char *spec))
{
	unsigned int f, w, p;
	char spec[32];

	for (f = 0; f < ARRAY_SIZE(flags); f++)
		for (w = 0; w < ARRAY_SIZE(widths); w++)
			for (p = 0; p < ARRAY_SIZE(precisions); p++) {
				sprintf(spec, "[%%%s%s%s", flags[f], widths[w], precisions[p]);
				fn(spec);
			}
}

static void integers(const char *spec)
{
	static const unsigned long long values[] = {
		0, 1, 9, 10, 127, 128, 255, 256, 32767, 65535, 0x7fffffff, 0x80000000, 0xffffffff,
		0x100000000, 12345678901234567ull, 0x7fffffffffffffff, 0x8000000000000000, ~0ull,
	};
	static const char conversions[] = "diuxXo";
	char fmt[48];
	unsigned int c, v;

	for (c = 0; conversions[c]; c++)
		for (v = 0; v < ARRAY_SIZE(values); v++) {
			sprintf(fmt, "%shh%c]", spec, conversions[c]);
			compare(fmt, (int)values[v]);
			sprintf(fmt, "%sh%c]", spec, conversions[c]);
			compare(fmt, (int)values[v]);
			sprintf(fmt, "%s%c]", spec, conversions[c]);
			compare(fmt, (int)values[v]);
			sprintf(fmt, "%sl%c]", spec, conversions[c]);
			compare(fmt, (long)values[v]);
			sprintf(fmt, "%sll%c]", spec, conversions[c]);
			compare(fmt, values[v]);
			sprintf(fmt, "%sz%c]", spec, conversions[c]);
			compare(fmt, (size_t)values[v]);
			sprintf(fmt, "%sj%c]", spec, conversions[c]);
			compare(fmt, values[v]);
		}
}

TEST(integers_as_the_c_library)
{
	for_each_spec(integers);
}

static void strings(const char *spec)
{
	char fmt[48];

	/* The other flags are undefined for strings. */
	if (strpbrk(spec, "+ #0") && strchr("+ #0", spec[2]))
		return;
	sprintf(fmt, "%ss]", spec);
	compare(fmt, "");
	compare(fmt, "a");
	compare(fmt, "a longer text, of some words");
	if (!strchr(spec, '.')) {
		sprintf(fmt, "%sc]", spec);
		compare(fmt, 'x');
		compare(fmt, 0xe4);
	}
}

TEST(strings_as_the_c_library)
{
	for_each_spec(strings);
	/* Precision bounds what is read: this has no terminator. */
	{
		char text[4] = { 'a', 'b', 'c', 'd' };

		compare("[%.4s]", text);
		compare("[%-8.*s]", 3, text);
	}
}

TEST(stars_and_percent)
{
	compare("100%%");
	compare("%*d|%-*d|%*d", 7, 42, 7, 42, -7, 42);
	compare("%.*d|%.*d", 5, 42, -1, 42);
	compare("%d %s %c %lu %lld %x", -1, "two", '3', 4ul, -5ll, 6u);
}

TEST(random_formats)
{
	unsigned int i, j, len;
	char fmt[32];

	for (i = 0; i < 100000 && !tap_failed(); i++) {
		len = 0;
		fmt[len++] = '%';
		for (j = tap_below(4); j; j--)
			fmt[len++] = "-+ #0"[tap_below(5)];
		if (tap_below(2))
			len += (unsigned int)sprintf(fmt + len, "%u", 1 + tap_below(40));
		if (tap_below(2))
			len += (unsigned int)sprintf(fmt + len, ".%u", tap_below(40));
		fmt[len++] = "dixXou"[tap_below(6)];
		fmt[len] = '\0';
		compare(fmt, (int)tap_random() >> tap_below(32));
	}
}

TEST(buffer_too_small)
{
	char buf[16];
	unsigned int size;

	for (size = 0; size <= 12; size++) {
		memset(buf, '#', sizeof(buf));
		EXPECT_EQ(kernel_snprintf(buf, size, "%s=%d", "value", 42), 8);
		EXPECT_EQ(buf[size], '#');
		if (size)
			EXPECT_EQ(strlen(buf), size - 1 < 8 ? size - 1 : 8);
		EXPECT_EQ(kernel_scnprintf(buf, size, "%s=%d", "value", 42),
			  !size ? 0 : size - 1 < 8 ? size - 1 : 8);
		EXPECT_EQ(buf[size], '#');
	}
	EXPECT_EQ(kernel_snprintf(NULL, 0, "%50d", 1), 50);
}

static int formatted(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = kernel_vsnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}

static void nested(char *buf, size_t size, const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	vaf.va = &args;
	formatted(buf, size, "<%pV|%d>", &vaf, 7);
	va_end(args);
}

TEST(linux_extensions)
{
	char buf[200];

	formatted(buf, sizeof(buf), "%ps %pS|%20ps|", (void *)0x10, (void *)0x20, (void *)0x30);
	EXPECT_STREQ(buf, "symbol_10 symbol_20+0x4/0x10|           symbol_30|");
	formatted(buf, sizeof(buf), "%p", (void *)0xbeef);
	EXPECT_STREQ(buf, sizeof(long) == 8 ? "000000000000beef" : "0000beef");
	formatted(buf, sizeof(buf), "%px|%pK", (void *)0xbeef, (void *)0xbeef);
	EXPECT_STREQ(buf, sizeof(long) == 8 ? "000000000000beef|000000000000beef" :
		     "0000beef|0000beef");
	formatted(buf, sizeof(buf), "%pB", (void *)0x20);
	EXPECT_STREQ(buf, "symbol_20+0x4/0x10");
	nested(buf, sizeof(buf), "%s+%d", "x", 3);
	EXPECT_STREQ(buf, "<x+3|7>");
}

TEST(bad_arguments_do_no_harm)
{
	char buf[64];

	formatted(buf, sizeof(buf), "%s|%s|%.2s", NULL, (char *)16, NULL);
	EXPECT_STREQ(buf, "(null)|(efault)|(n");
	formatted(buf, sizeof(buf), "a%y|%");
	EXPECT_STREQ(buf, "a%y|%");
	formatted(buf, sizeof(buf), "%999999999999d", 1);
	EXPECT_EQ(strlen(buf), sizeof(buf) - 1);
}
