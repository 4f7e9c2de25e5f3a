/* SPDX-License-Identifier: MIT */
/*
 * Tests of what a BL cannot reach. Two islands 256 MiB behind the kernel lead to the probe's direct
 * functions. Sites reach them by a stub: alone, beside callbacks, and modified between near and
 * far. A third island is where a module's veneer leads. On i386 a call reaches everything.
 */
#include <asm/memory.h>
#include "arch/arm64/site.h"
#include "kernel/arch.h"
#include "kernel/mm/mm.h"
#include "kernel/module/module_elf.h"
#include "kernel/smp.h"
#include "kernel/trace_hooks.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/site_info.h"

#define FAR_PAGE (KERNEL_BASE + 0x10000000UL)
#define ISLAND_SIZE 32
#define INSN_LDR_X16_12 0x58000070u	/* ldr x16, . + 12 */
#define INSN_BR_X16 0xd61f0200u

/* The landing pad comes first, because the br of a stub leads here. */
struct island {
	u32 bti, ldr, br, pad;
	unsigned long target;
};
_Static_assert(sizeof(struct island) <= ISLAND_SIZE, "an island fits its place");

static void *page;

static bool make_islands(struct ktest *t)
{
	static const unsigned long targets[] = { PROBE_A, PROBE_B, (unsigned long)kt_sum };

	page = alloc_page(GFP_KERNEL);
	if (!KT_EXPECT(t, page))
		return false;
	for (unsigned int i = 0; i < ARRAY_SIZE(targets); i++) {
		struct island *island = (struct island *)((char *)page + i * ISLAND_SIZE);

		*island = (struct island){ INSN_BTI_C, INSN_LDR_X16_12, INSN_BR_X16, INSN_NOP,
					   targets[i] };
		if (i < ARRAY_SIZE(probe_islands))
			probe_islands[i] = FAR_PAGE + i * ISLAND_SIZE;
	}
	__asm__ volatile("dsb ish\n\tic ialluis\n\tdsb ish\n\tisb" : : : "memory");
	return KT_EXPECT_EQ(t, arch_map_page(FAR_PAGE, virt_to_phys(page), PROT_EXEC), 0);
}

static void drop_islands(void)
{
	arch_unmap_page(FAR_PAGE);
	arch_flush_tlbs();
	free_page(page);
	probe_islands[0] = probe_islands[1] = 0;
}

#define FAR_SUM (FAR_PAGE + 2 * ISLAND_SIZE)
#define FAR_A (probe_islands[0])
#define FAR_B (probe_islands[1])

KTEST(direct, far_trampoline_alone)
{
	struct ftrace_site_info info;
	struct probe_model m;

	KT_NEED_ARGS(t);
	KT_ASSERT(t, make_islands(t));
	if (probe_begin(t, &m) && probe_set_direct(t, &m, FAR_A)) {
		KT_EXPECT(t, probe_site_info((unsigned long)probe_target, &info));
		KT_EXPECT(t, ftrace_is_trampoline(info.trampoline));
		KT_EXPECT_EQ(t, info.direct_call, FAR_A);
		if (probe_modify_direct(t, &m, FAR_B) && probe_modify_direct(t, &m, PROBE_B) &&
		    probe_modify_direct(t, &m, FAR_B) && probe_modify_direct(t, &m, PROBE_A) &&
		    probe_modify_direct(t, &m, FAR_A))
			probe_clear_direct(t, &m);
	}
	probe_end(t, &m);
	drop_islands();
}

/*
 * Every subset of the callbacks comes and goes, and in each state the target goes to the far one
 * and back.
 */
KTEST(direct, far_trampoline_beside_callbacks)
{
	struct probe_model m;
	unsigned int subset, op;
	bool ok;

	KT_NEED_ARGS(t);
	KT_ASSERT(t, make_islands(t));
	ok = probe_begin(t, &m);
	for (subset = 1; subset < 1u << PROBE_NR_OPS && ok; subset++) {
		ok = probe_set_direct(t, &m, subset & 1 ? FAR_A : PROBE_A);
		for (op = 0; op < PROBE_NR_OPS && ok; op++) {
			if (!(subset & 1u << op))
				continue;
			ok = probe_attach(t, &m, op) && probe_modify_direct(t, &m, FAR_B) &&
			     probe_modify_direct(t, &m, PROBE_A) &&
			     probe_modify_direct(t, &m, FAR_A);
		}
		while (ok && m.nr)
			ok = probe_detach(t, &m, m.order[m.nr / 2]);
		ok = ok && probe_modify_direct(t, &m, PROBE_B) && probe_clear_direct(t, &m);
	}
	probe_end(t, &m);
	drop_islands();
}

#define R_AARCH64_CALL26 283

/*
 * The code through which a module's far call goes, in its place. A landing pad comes before it, for
 * the blr here.
 */
KTEST(modules, a_veneer_reaches_far)
{
	struct {
		u32 nop[3], bti;
		u8 veneer[MODULE_VENEER_SIZE];
	} code = { { INSN_NOP, INSN_NOP, INSN_NOP }, INSN_BTI_C, { 0 } };
	char *text = execmem_alloc(sizeof(code));

	KT_ASSERT(t, text);
	if (KT_EXPECT(t, make_islands(t)) &&
	    KT_EXPECT(t, arch_module_veneer(R_AARCH64_CALL26, FAR_SUM, code.veneer)) &&
	    KT_EXPECT_EQ(t, arch_text_write(text, &code, sizeof(code)), 0)) {
		smp_sync_cores();
		KT_EXPECT_EQ(t, ((int (*)(int, int))(text + offsetof(typeof(code), bti)))(40, 2),
			     42);
	}
	drop_islands();
	execmem_free(text, sizeof(code));
}
