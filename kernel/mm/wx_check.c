/* SPDX-License-Identifier: MIT */
/*
 * The kernel checks its own page tables: no mapping is writable and executable, page 0 is not
 * mapped, and text and constants are not writable. Each CPU walks the tables that it uses, with
 * interrupts off. Each violation is logged.
 */
#include "kernel/arch.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/wx_check.h"
#include "kernel/printk.h"
#include "kernel/smp.h"

struct wx_report wx_reports[NR_CPUS];

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

static void report_violation(struct wx_report *report, unsigned long va, size_t size,
			     const char *what)
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
		report_violation(report, va, size, "writable and executable");
	if (va < PAGE_SIZE)
		report_violation(report, va, size, "mapped at page 0");
	if ((prot & PROT_WRITE) && overlaps(va, size, _text, _etext))
		report_violation(report, va, size, "writable kernel text");
	if (prot != PROT_READ_ONLY && overlaps(va, size, __start_rodata, __end_rodata))
		report_violation(report, va, size, "more than readable, and holds constants");
	if (prot & PROT_EXEC)
		report->text_bytes += common_bytes(va, size, _text, _etext);
}

static void scan_here(void *unused)
{
	struct wx_report *report = &wx_reports[smp_processor_id()];

	*report = (struct wx_report){ 0 };
	arch_walk_mappings(check_mapping, report);
}

unsigned int wx_scan(void)
{
	unsigned int cpu, sum = 0;

	on_each_cpu(scan_here, NULL);
	for_each_online_cpu(cpu)
		sum += wx_reports[cpu].violations;
	return sum;
}

void wx_check(void)
{
	if (!wx_scan())
		pr_info("W^X: no memory is both writable and executable\n");
}
