/* SPDX-License-Identifier: MIT */
/*
 * CPUs that wait in a spin table, as on boards without PSCI (Linux's booting.rst): each looks at a
 * place in memory of its own, which the device tree names, and goes where it finds an address. It
 * comes without a word about who it is, with its MMU off: so it asks its own MPIDR, and looks it up
 * in a list that was written for it (boot.S, arm64_spin_entry). Untraced.
 */
#include <asm/arch.h>
#include <asm/memory.h>
#include "arch/arm64/arm64.h"
#include "arch/arm64/sections.h"
#include "arch/arm64/sysreg.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/lib/errno.h"

/* By number of the CPU: its MPIDR's affinity and SPIN_CPU_EXPECTED; 0: it is not to come. */
u64 arm64_spin_cpus[NR_CPUS];

/* Who has no cache on reads what is in memory. */
static void clean(const void *at)
{
	__asm__ volatile("dc cvac, %0" : : "r"(at) : "memory");
	dsb(sy);
}

/* Memory is in the direct map, if the tree tells of it; else the place is reached as a device. */
static u64 *reach(phys_addr_t pa)
{
	if (!pa || pa % sizeof(u64) ||
	    boot_ranges_overlap(pa, sizeof(u64), kernel_phys, (phys_addr_t)(_end - _text)))
		return NULL;
	if (boot_is_memory(&boot_info, pa, sizeof(u64)))
		return phys_to_virt(pa);
	return arm64_map_device(pa, sizeof(u64));
}

int arm64_spin_start(phys_addr_t release, u64 mpidr, unsigned int cpu)
{
	u64 *place = reach(release), word;

	/* The tree may lie: where nothing answers, a write would be our end. */
	if (!place || arch_read_nofault(&word, place, sizeof(word)))
		return -EINVAL;
	WRITE_ONCE(arm64_spin_cpus[cpu], mpidr | SPIN_CPU_EXPECTED);
	clean(&arm64_spin_cpus[cpu]);
	WRITE_ONCE(*place, virt_to_phys(arm64_spin_entry));
	if (boot_is_memory(&boot_info, release, sizeof(u64)))
		clean(place);
	else
		dsb(sy);
	__asm__ volatile("sev" : : : "memory");
	return 0;
}
