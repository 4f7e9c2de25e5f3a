/* SPDX-License-Identifier: MIT */
/*
 * The kernel checks its own page tables: nothing writable and executable, page 0 not there,
 * text and constants not writable. Each CPU walks the tables that it uses itself, in an interrupt.
 * At boot a violation is logged; the tests run the same check.
 */
#include "kernel/arch.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/wx_check.h"
#include "kernel/printk.h"
#include "kernel/smp.h"
#include "tests/guest/ktest/ktest.h"

extern char _text[], _etext[], __start_rodata[], __end_rodata[];

struct wx_report {
	unsigned int violations;
	size_t text_bytes;		/* of the kernel's text, found executable */
	unsigned long va;		/* the first violation */
	const char *what;
};

static struct wx_report reports[NR_CPUS];

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
	pr_err("W^X: CPU %u: [%p, %p) is %s\n", smp_processor_id(), (void *)va,
	       (void *)(va + size), what);
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

static void scan_here(void *unused)
{
	struct wx_report *report = &reports[smp_processor_id()];

	(void)unused;
	*report = (struct wx_report){ 0 };
	arch_walk_mappings(check_mapping, report);
}

/* On all CPUs; how many violations they found. */
static unsigned int wx_scan(void)
{
	unsigned int cpu, sum = 0;

	on_each_cpu(scan_here, NULL);
	for_each_online_cpu(cpu)
		sum += reports[cpu].violations;
	return sum;
}

void wx_check(void)
{
	if (!wx_scan())
		pr_info("W^X: no memory is both writable and executable\n");
}

KTEST(wx, mappings)
{
	unsigned int cpu;

	wx_scan();
	for_each_online_cpu(cpu) {
		const struct wx_report *report = &reports[cpu];

		if (report->violations)
			ktest_fail(t, __FILE__, __LINE__, "CPU %u: %u violations, the first at %p: %s",
				   cpu, report->violations, (void *)report->va, report->what);
	}
}

/* A walk that finds nothing would find no violation either. */
KTEST(wx, walk_sees_text)
{
	unsigned int cpu;

	wx_scan();
	for_each_online_cpu(cpu)
		KT_EXPECT_EQ(t, reports[cpu].text_bytes, _etext - _text);
}

/* What the tables say holds only if each CPU was told to heed it. */
static unsigned int writes_done;

static void try_to_write(void *code)
{
	char *const places[] = { _text, (char *)wx_check, __start_rodata, code };
	unsigned int n;
	char byte;

	for (n = 0; n < ARRAY_SIZE(places); n++)
		if (arch_read_nofault(&byte, places[n], 1) || !arch_write_nofault(places[n], byte))
			__atomic_fetch_add(&writes_done, 1, __ATOMIC_RELAXED);
}

KTEST(wx, writes_to_text_fault_on_each_cpu)
{
	void *code = execmem_alloc(PAGE_SIZE);
	char writable = 1;

	KT_ASSERT(t, code != NULL);
	writes_done = 0;
	on_each_cpu(try_to_write, code);
	KT_EXPECT_EQ(t, writes_done, 0);
	KT_EXPECT_EQ(t, arch_write_nofault(&writable, 2), 0);
	KT_EXPECT_EQ(t, writable, 2);
	execmem_free(code, PAGE_SIZE);
}

KTEST(wx, execmem_is_not_writable)
{
	void *code = execmem_alloc(PAGE_SIZE);
	u32 word = 0;

	KT_ASSERT(t, code != NULL);
	KT_EXPECT_EQ(t, wx_scan(), 0);
	KT_EXPECT_EQ(t, arch_read_nofault(&word, code, sizeof(word)), 0);
	KT_EXPECT(t, word != 0);
	execmem_free(code, PAGE_SIZE);
	KT_EXPECT(t, arch_read_nofault(&word, code, sizeof(word)) < 0);
}
