/* SPDX-License-Identifier: MIT */
/* No memory is both writable and executable, and each CPU obeys its page tables. */
#include "kernel/arch.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/wx_check.h"
#include "kernel/smp.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/wx.h"

KTEST(wx, mappings)
{
	unsigned int cpu;

	wx_scan();
	for_each_online_cpu(cpu) {
		const struct wx_report *report = &wx_reports[cpu];

		if (report->violations)
			ktest_fail(t, __FILE__, __LINE__,
				   "CPU %u: %u violations, the first at %p: %s",
				   cpu, report->violations, (void *)report->va, report->what);
	}
}

/* This shows that the walk does find memory: otherwise it would find no violation either. */
KTEST(wx, walk_sees_text)
{
	unsigned int cpu;

	wx_scan();
	for_each_online_cpu(cpu)
		KT_EXPECT_EQ(t, wx_reports[cpu].text_bytes, _etext - _text);
}

/* The tables are obeyed only if each CPU was told to obey them. */
static unsigned int writes_done;

static void try_to_write(void *code)
{
	char *const places[] = { _text, (char *)wx_check, __start_rodata, code };
	unsigned int n;
	char byte;

	for (n = 0; n < ARRAY_SIZE(places); n++)
		if (arch_read_nofault(&byte, places[n], 1) || !kt_write_nofault(places[n], byte))
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
	KT_EXPECT_EQ(t, kt_write_nofault(&writable, 2), 0);
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
