/* SPDX-License-Identifier: MIT */
/*
 * The kernel checks its own page tables: nothing writable and executable, page 0 not there,
 * text and constants not writable. At boot a violation is logged; the tests run the same check.
 */
#include "kernel/arch.h"
#include "kernel/ktest.h"
#include "kernel/mm.h"
#include "kernel/printk.h"
#include "kernel/wx_check.h"

extern char _text[], _etext[], __start_rodata[], __end_rodata[];

struct wx_report {
	unsigned int violations;
	size_t text_bytes;		/* of the kernel's text, found executable */
	unsigned long va;		/* the first violation */
	const char *what;
};

static bool overlaps(unsigned long va, size_t size, const char *start, const char *end)
{
	return va < (unsigned long)end && va + size - 1 >= (unsigned long)start;
}

static size_t common_bytes(unsigned long va, size_t size, const char *start, const char *end)
{
	if (!overlaps(va, size, start, end))
		return 0;
	return min(va + size, (unsigned long)end) - max(va, (unsigned long)start);
}

static void violation(struct wx_report *report, unsigned long va, size_t size, const char *what)
{
	if (!report->violations++) {
		report->va = va;
		report->what = what;
	}
	pr_err("W^X: [%p, %p) is %s\n", (void *)va, (void *)(va + size), what);
}

static void check_mapping(unsigned long va, size_t size, unsigned int prot, void *arg)
{
	struct wx_report *report = arg;

	if ((prot & PROT_WRITE) && (prot & PROT_EXEC))
		violation(report, va, size, "writable and executable");
	if (va < PAGE_SIZE)
		violation(report, va, size, "mapped at page 0");
	if ((prot & PROT_WRITE) && overlaps(va, size, _text, _etext))
		violation(report, va, size, "writable kernel text");
	if (prot != PROT_READ_ONLY && overlaps(va, size, __start_rodata, __end_rodata))
		violation(report, va, size, "more than readable, and holds constants");
	if (prot & PROT_EXEC)
		report->text_bytes += common_bytes(va, size, _text, _etext);
}

static struct wx_report wx_scan(void)
{
	struct wx_report report = { 0 };

	arch_walk_mappings(check_mapping, &report);
	return report;
}

void wx_check(void)
{
	struct wx_report report = wx_scan();

	if (!report.violations)
		pr_info("W^X: no memory is both writable and executable\n");
}

KTEST(wx, mappings)
{
	struct wx_report report = wx_scan();

	if (report.violations)
		ktest_fail(t, __FILE__, __LINE__, "%u violations, the first at %p: %s",
			   report.violations, (void *)report.va, report.what);
}

/* A walk that finds nothing would find no violation either. */
KTEST(wx, walk_sees_text)
{
	struct wx_report report = wx_scan();

	KT_EXPECT_EQ(t, report.text_bytes, _etext - _text);
}

KTEST(wx, execmem_is_not_writable)
{
	void *code = execmem_alloc(PAGE_SIZE);
	struct wx_report report = wx_scan();
	u32 word = 0;

	KT_ASSERT(t, code != NULL);
	KT_EXPECT_EQ(t, report.violations, 0);
	KT_EXPECT_EQ(t, arch_read_nofault(&word, code, sizeof(word)), 0);
	KT_EXPECT(t, word != 0);
	execmem_free(code, PAGE_SIZE);
	KT_EXPECT(t, arch_read_nofault(&word, code, sizeof(word)) < 0);
}
