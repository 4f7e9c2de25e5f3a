/* SPDX-License-Identifier: MIT */
/*
 * What KASAN has found, in words, and then a panic. Untraced, any context.
 */
#include "kernel/bug.h"
#include "kernel/kasan/kasan_internal.h"
#include "kernel/kallsyms.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "kernel/smp.h"

#define SHADOW_LINE 16			/* bytes */

void (*kasan_report_hook)(const struct kasan_report *report);

static const char *what_is_wrong(u8 shadow)
{
	switch (shadow) {
	case KASAN_FREE_PAGE: return "use of a free page";
	case KASAN_FREE_OBJECT: return "use after free";
	case KASAN_FREE_AREA: return "use of a free area";
	default: return "out of bounds";
	}
}

static void show_place(const struct kasan_report *report)
{
	unsigned long end = report->start + report->length;

	if (!report->start)
		pr_emerg("%p: nothing is known to have been there\n", (void *)report->bad);
	else if (report->bad < report->start)
		pr_emerg("%p is %lu bytes before %zu bytes at %p\n", (void *)report->bad,
			 report->start - report->bad, report->length, (void *)report->start);
	else if (report->bad < end)
		pr_emerg("%p is at %lu of %zu bytes at %p\n", (void *)report->bad,
			 report->bad - report->start, report->length, (void *)report->start);
	else
		pr_emerg("%p is %lu bytes behind %zu bytes at %p\n", (void *)report->bad,
			 report->bad - end, report->length, (void *)report->start);
	if (report->variable)
		pr_emerg("That is the variable %.*s of %pS\n", (int)report->variable_len,
			 report->variable, (void *)report->function);
}

/* The shadow around the address, a line before and one behind. */
static void show_shadow(unsigned long addr)
{
	const u8 *line = kasan_shadow(ALIGN_DOWN(addr, GRANULE * SHADOW_LINE)) - SHADOW_LINE;

	for (unsigned int i = 0; i < 3; i++, line += SHADOW_LINE) {
		char text[3 * SHADOW_LINE + 1];
		int len = 0;

		for (unsigned int at = 0; at < SHADOW_LINE; at++)
			len += scnprintf(text + len, sizeof(text) - (size_t)len, " %02x",
					 arch_load_nofault(line + at));
		pr_emerg("shadow of %p:%s\n", (void *)(((unsigned long)line - KASAN_SHADOW_OFFSET)
						       << 3), text);
	}
}

static void tell(struct kasan_report *report)
{
	u8 shadow = arch_load_nofault(kasan_shadow(report->bad));

	if (shadow == KASAN_FREE_AREA)
		kasan_find_area(report);
	else if (!kasan_find_variable(report))
		kasan_find_page(report);
	if (!report->start)
		kasan_find_area(report);
	if (kasan_report_hook) {
		kasan_report_hook(report);
		return;
	}
	/* What the report itself does is not reported. */
	if (!__atomic_exchange_n(&kasan_enabled, false, __ATOMIC_SEQ_CST))
		return;
	if (report->size)
		pr_emerg("KASAN: %s: %s of %zu bytes at %p by %pS\n", report->what,
			 report->write ? "write" : "read", report->size, (void *)report->addr,
			 (void *)report->ip);
	else
		pr_emerg("KASAN: %s: %p by %pS\n", report->what, (void *)report->addr,
			 (void *)report->ip);
	show_place(report);
	kasan_show_track("Allocated", &report->alloc);
	kasan_show_track("Freed", &report->free);
	show_shadow(report->bad);
	panic("KASAN: %s: %pS", report->what, (void *)report->ip);
}

void kasan_report(unsigned long addr, size_t size, bool write, unsigned long ip)
{
	struct kasan_report report = {
		.addr = addr, .ip = ip, .size = size, .write = write, .bad = addr,
	};

	if (addr + size > addr)
		report.bad = kasan_first_bad(addr, addr + size);
	report.what = what_is_wrong(arch_load_nofault(kasan_shadow(report.bad)));
	tell(&report);
}

void kasan_report_free(unsigned long addr, const char *what, unsigned long ip)
{
	struct kasan_report report = { .addr = addr, .bad = addr, .ip = ip, .what = what };

	tell(&report);
}
