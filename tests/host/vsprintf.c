/* SPDX-License-Identifier: MIT */
/*
 * kernel/lib/vsprintf.c compared with the C library's printf: every combination of flags, widths,
 * precisions and lengths that both define, random formats, Linux's extensions, and buffers that are
 * too small. The kernel's functions are compiled under other names (kernel_vsnprintf ...).
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "tests/host/tap.h"

int kernel_vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
int kernel_snprintf(char *buf, size_t size, const char *fmt, ...);
int kernel_scnprintf(char *buf, size_t size, const char *fmt, ...);

int snprint_symbol(char *buf, size_t size, unsigned long addr, char letter)
{
	return snprintf(buf, size, letter == 's' ? "symbol_%lx" :
			letter == 'B' ? "caller_%lx+0x4/0x10" : "symbol_%lx+0x4/0x10", addr);
}

/* kernel/arch.h also declares this, but beside names that <sys/mman.h> uses otherwise. */
int arch_read_nofault(void *dst, const void *src, size_t len);

/* The host's kernel reads the memory for us, and does not fault either. */
int arch_read_nofault(void *dst, const void *src, size_t len)
{
	static int ends[2];

	if (!ends[1] && pipe(ends))
		abort();
	if (write(ends[1], src, len) != (ssize_t)len)
		return -EFAULT;
	return read(ends[0], dst, len) == (ssize_t)len ? 0 : -EFAULT;
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
			sprintf(fmt, "%st%c]", spec, conversions[c]);
			compare(fmt, (ptrdiff_t)values[v]);
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
	/* The precision limits what is read: this text has no terminator. */
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
	compare("%*s|%-*s|%*d|%d", -6, "abc", -6, "abc", -1, 3, 9);
	compare("%hhd %hd %hhu %hx %td %jd %zu|%d", 511, 0x18000, 511, 0x18000, (ptrdiff_t)-7,
		(intmax_t)-8, (size_t)9, 10);
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
	/* The size was below 0, and has become the largest of all. */
	memset(buf, '#', sizeof(buf));
	EXPECT_EQ(kernel_snprintf(buf, (size_t)-1, "%d", 1), 0);
	EXPECT_EQ(buf[0], '#');
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
	EXPECT_STREQ(buf, "caller_20+0x4/0x10");
	nested(buf, sizeof(buf), "%s+%d", "x", 3);
	EXPECT_STREQ(buf, "<x+3|7>");
}

/* The format is followed by an argument that must not be shifted. */
static void expect_text(const char *expected, const char *fmt, ...)
{
	char text[300], small[8];
	va_list args, again;
	int len;

	va_start(args, fmt);
	va_copy(again, args);
	len = kernel_vsnprintf(text, sizeof(text), fmt, args);
	if (strcmp(text, expected) || len != (int)strlen(expected))
		tap_fail(__FILE__, __LINE__, "\"%s\": \"%s\" (%d), expected \"%s\"", fmt, text,
			 len, expected);
	/* A buffer that is too small gets the beginning of it. */
	EXPECT_EQ(kernel_vsnprintf(small, sizeof(small), fmt, again), len);
	EXPECT(!strncmp(small, text, sizeof(small) - 1));
	va_end(again);
	va_end(args);
}

TEST(bytes_and_addresses_as_linux)
{
	static const unsigned char b[16] = {
		0x01, 0xab, 0xff, 0x00, 0x7f, 0x10, 0x06, 0x07, 0x08, 0x09, 10, 11, 12, 13, 14, 15,
	};

	expect_text("01 ab ff 00|7", "%*ph|%d", 4, b, 7);
	expect_text("01abff00|7", "%4phN|%d", b, 7);
	expect_text("01-ab-ff-00|7", "%*phD|%d", 4, b, 7);
	expect_text("01:ab|01|7", "%*phC|%ph|%d", 2, b, b, 7);
	expect_text("|7", "%*ph|%d", 0, b, 7);
	expect_text("01:ab:ff:00:7f:10|7", "%pM|%d", b, 7);
	expect_text("01-ab-ff-00-7f-10|10:7f:00:ff:ab:01|7", "%pMF|%pMR|%d", b, b, 7);
	expect_text("01abff007f10|107f00ffab01|  01abff007f10|7", "%pm|%pmR|%14pm|%d", b, b, b, 7);
	expect_text("1.171.255.0|001.171.255.000|7", "%pI4|%pi4|%d", b, b, 7);
	expect_text("0.255.171.1|1.171.255.0|000.255.171.001|7", "%pI4h|%pI4b|%pi4l|%d", b, b, b,
		    7);
	expect_text("01ab:ff00:7f10:0607:0809:0a0b:0c0d:0e0f|7", "%pI6|%d", b, 7);
	expect_text("01abff007f10060708090a0b0c0d0e0f|7", "%pi6|%d", b, 7);
	expect_text("1ab:ff00:7f10:607:809:a0b:c0d:e0f|7", "%pI6c|%d", b, 7);
	expect_text("(%pI?)|(%pi?)|  (%pI?)|(null)|7", "%pI|%pi5|%8pI9|%pI|%d", b, b, b, NULL, 7);
	expect_text("01abff00-7f10-0607-0809-0a0b0c0d0e0f|7", "%pUb|%d", b, 7);
	expect_text("01ABFF00-7F10-0607-0809-0A0B0C0D0E0F|7", "%pUB|%d", b, 7);
	expect_text("00ffab01-107f-0706-0809-0a0b0c0d0e0f|7", "%pUl|%d", b, 7);
	expect_text("00FFAB01-107F-0706-0809-0A0B0C0D0E0F|7", "%pUL|%d", b, 7);
}

TEST(ip6_runs_of_zeros)
{
	static const struct {
		unsigned short words[8];
		const char *text;
	} cases[] = {
		{ { 0 }, "::" },
		{ { 0, 0, 0, 0, 0, 0, 0, 1 }, "::1" },
		{ { 0xfe80, 0, 0, 0, 0, 0, 0, 0 }, "fe80::" },
		{ { 0x2001, 0xdb8, 0, 0, 1, 0, 0, 1 }, "2001:db8::1:0:0:1" },
		{ { 0x2001, 0xdb8, 0, 1, 1, 1, 1, 1 }, "2001:db8:0:1:1:1:1:1" },
		{ { 1, 0, 0, 2, 0, 0, 0, 3 }, "1:0:0:2::3" },
		{ { 0, 0, 0, 0, 0, 0xffff, 0xc0a8, 0x0102 }, "::ffff:192.168.1.2" },
	};
	unsigned char bytes[16];

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		for (unsigned int j = 0; j < 16; j++)
			bytes[j] = (unsigned char)(cases[i].words[j / 2] >> (j % 2 ? 0 : 8));
		expect_text(cases[i].text, "%pI6c", bytes);
	}
}

TEST(bitmaps_as_linux)
{
	static const unsigned int map[4] = { 0x8000f00d, 0x3, 0x80000000, 0xff };

	expect_text("00000003,8000f00d|7", "%*pb|%d", 64, map, 7);
	expect_text("3,8000f00d|d|7", "%*pb|%4pb|%d", 34, map, map, 7);
	expect_text("0,2-3,12-15,31-33|7", "%*pbl|%d", 64, map, 7);
	expect_text("0,2-3,12-15,31-33,95-99|7", "%*pbl|%d", 100, map, 7);
	expect_text("||7", "%*pb|%*pbl|%d", 0, map, 0, map, 7);
}

TEST(pointers_as_linux)
{
	phys_addr_t pa = 0x12345;
	char expected[100];

	expect_text("-ENOMEM|-ENOTSUPP|-4000|   -EINVAL|7", "%pe|%pe|%pe|%10pe|%d", ERR_PTR(-12),
		    ERR_PTR(-524), ERR_PTR(-4000), ERR_PTR(-22), 7);
	sprintf(expected, "%0*lx|%0*lx|7", (int)(2 * sizeof(long)), 0xbeeful,
		(int)(2 * sizeof(long)), 0ul);
	expect_text(expected, "%pe|%pe|%d", (void *)0xbeef, NULL, 7);
	expect_text(expected, "%pK|%px|%d", (void *)0xbeef, NULL, 7);
	/* Letters that Linux uses for structures of its own, or for nothing. */
	expect_text(expected, "%pOF|%pQz9|%d", (void *)0xbeef, NULL, 7);
	expect_text("symbol_10+0x4/0x10|symbol_20|symbol_30+0x4/0x10|7", "%pSR|%psR|%pSb|%d",
		    (void *)0x10, (void *)0x20, (void *)0x30, 7);
	expect_text("caller_10+0x4/0x10|7", "%pB|%d", (void *)0x10, 7);
	expect_text("                beef|beef  |7", "%20px|%-6p|%d", (void *)0xbeef,
		    (void *)0xbeef, 7);
	sprintf(expected, "0x%0*llx|7", (int)(2 * sizeof(pa)), (unsigned long long)pa);
	expect_text(expected, "%pa|%d", &pa, 7);
	expect_text(expected, "%pap|%d", &pa, 7);
	expect_text("-81985529216486895|123456789abcdef|81985529216486895|7", "%Ld|%Lx|%Lu|%d",
		    -0x123456789abcdefll, 0x123456789abcdefll, 0x123456789abcdefll, 7);
	expect_text("5|7", "%Zu|%d", (size_t)5, 7);
}

/*
 * Linux's words appear in place of the text, with its width, and the next argument is the right
 * one.
 */
TEST(bad_pointers_are_named)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
	static const char *const formats[] = {
		"%s", "%phN", "%pM", "%pm", "%pI4", "%pi6", "%pI6c", "%pUb", "%pV", "%pa", "%8pbl",
	};
	char *bad[] = { (char *)1, (char *)4095, ERR_PTR(-22), ERR_PTR(-4095), pages + page,
			pages + 2 * page - 1 };
	char fmt[32];

	ASSERT(pages != MAP_FAILED && !mprotect(pages + page, page, PROT_NONE));
	for (unsigned int i = 0; i < ARRAY_SIZE(formats); i++) {
		sprintf(fmt, "%s|%%d", formats[i]);
		expect_text("(null)|7", fmt, NULL, 7);
		for (unsigned int j = 0; j < ARRAY_SIZE(bad); j++)
			expect_text("(efault)|7", fmt, bad[j], 7);
	}
	/* The memory that the structure for %pV points to is checked, too. */
	for (unsigned int j = 0; j < ARRAY_SIZE(bad); j++) {
		struct va_format no_text = { .fmt = bad[j], .va = (va_list *)pages };
		struct va_format no_args = { .fmt = "%d", .va = (va_list *)bad[j] };

		expect_text("(efault)|(efault)|7", "%pV|%pV|%d", &no_text, &no_args, 7);
	}
	expect_text("  (null)|(null)  |(nu|7", "%8s|%-8s|%.3s|%d", NULL, NULL, NULL, 7);
	/*
	 * A text that runs into a page that is not there, one that ends before it, and one whose
	 * length is limited.
	 */
	memset(pages, 'x', page);
	expect_text("(efault)|7", "%s|%d", pages + page - 5, 7);
	expect_text("xxxxx|7", "%.5s|%d", pages + page - 5, 7);
	expect_text("(efaul|7", "%.6s|%d", pages + page - 5, 7);
	pages[page - 1] = '\0';
	expect_text("xxxx||7", "%s|%s|%d", pages + page - 5, pages + page - 1, 7);
	/* A text across the border between two pages that are there. */
	ASSERT(!mprotect(pages + page, page, PROT_READ | PROT_WRITE));
	memcpy(pages + page - 3, "abcdef", 7);
	expect_text("abcdef|7", "%s|%d", pages + page - 3, 7);
	/* Nothing is read where nothing may be read. */
	expect_text("(efault)|  (efault)|7", "%.0s%s|%10s|%d", pages, (char *)2, (char *)2, 7);
	munmap(pages, 3 * page);
}

/*
 * Its arguments cannot be told from those of the others, so it is printed as text, and so is
 * everything after it.
 */
TEST(unknown_conversion_ends_formatting)
{
	expect_text("1 %y %d %s", "%d %y %d %s", 1, 2, 3);
	expect_text("1 %n %d", "%d %n %d", 1, NULL, 2);
	expect_text("%-5.3lly|%d", "%-5.3lly|%d", 1, 2);
	expect_text("%*y|%d", "%*y|%d", 3, 1, 2);
	expect_text("%f|%d", "%f|%d", 2);
	expect_text("1 %", "%d %", 1);
	expect_text("1 %ll", "%d %ll", 1);
	expect_text("% \n", "% \n");
	expect_text("%|7", "%5%|%d", 7);
}

/* No width takes long, or writes past the end of the buffer. */
TEST(width_of_any_size)
{
	enum { WIDTH_MAX = 8388607, PRECISION_MAX = 32767 };
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char buf[16], *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *bits = pages + page - 4;

	/* A bitmap of one bit, after which nothing can be read. */
	ASSERT(pages != MAP_FAILED && !mprotect(pages + page, page, PROT_NONE));
	memcpy(bits, "\0\0\0\x80", 4);
	buf[10] = '#';
	EXPECT_EQ(kernel_snprintf(buf, 10, "%*d", 2000000000, 1), WIDTH_MAX);
	EXPECT_EQ(kernel_snprintf(buf, 10, "%.*d", 2000000000, 1), PRECISION_MAX);
	EXPECT_EQ(kernel_snprintf(buf, 10, "%*d", INT32_MIN, 1), WIDTH_MAX);
	EXPECT_STREQ(buf, "1        ");
	/* Neither do several together. */
	EXPECT_EQ(kernel_snprintf(buf, 10, "%2147483647d%*d%*s|", 1, 2147483647, 2, 2147483647,
				  "3"), 3 * WIDTH_MAX + 1);
	EXPECT_STREQ(buf, "         ");
	EXPECT_EQ(buf[10], '#');
	EXPECT_EQ(kernel_snprintf(buf, 10, "%*pbl|%d", 2147483647, bits, 7), 4);
	EXPECT_STREQ(buf, "31|7");
	EXPECT_EQ(kernel_snprintf(buf, 10, "%*pb", 2147483647, bits), WIDTH_MAX / 32 * 9 + 8);
	EXPECT_EQ(buf[10], '#');
	munmap(pages, 2 * page);
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
