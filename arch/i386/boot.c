/* SPDX-License-Identifier: MIT */
/*
 * First C code, on the boot stack with the first page tables (boot.S): this
 * CPU's registers, the loader's information, then kernel_main().
 */
#include "arch/i386/i386.h"
#include "arch/i386/multiboot.h"
#include "arch/i386/pgtable.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/compiler.h"
#include "kernel/lib/string.h"
#include <asm/memory.h>

#define MEMORY_STEP 0x10000u
#define LOW_RESERVED 0x1000		/* interrupt vectors and BIOS data */

extern char double_fault_stack_top[];

void i386_boot(u32 magic, u32 info_pa) __noreturn;

/* Is there RAM at @pa: does it keep what is written? The image, which is read-only, lies in RAM. */
static bool is_ram(u64 pa)
{
	volatile u32 *word = phys_to_virt(pa & ~3ull);
	u32 old;
	bool kept;

	if (pa - virt_to_phys(_text) < (u64)(_end - _text))
		return true;
	old = *word;
	*word = ~old;
	kept = *word == ~old;
	*word = old;
	return kept;
}

/*
 * Physical memory is read through the direct map, which reaches as far as DIRECT_MAP_SIZE here. A
 * loader that does not know how much memory there is may name places where there is none: they
 * cannot be read.
 */
static bool read_physical(const struct multiboot_reader *reader, u64 pa, void *buf, size_t len)
{
	if (pa >= DIRECT_MAP_SIZE || len > DIRECT_MAP_SIZE - pa)
		return false;
	if (len && (!is_ram(pa) || !is_ram(pa + len - 1)))
		return false;
	memcpy(buf, phys_to_virt(pa), len);
	return true;
}

/* The map, or what is assumed without one, may tell of memory that is not there. */
static void keep_what_is_there(struct boot_info *info)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < info->nr_memory; i++) {
		struct boot_range range = info->memory[i];
		u64 end = min(range.start + range.size, (u64)DIRECT_MAP_SIZE), cut_off = end;

		/* Memory ends on a boundary of 64 KiB at least. */
		while (cut_off > range.start && !is_ram(cut_off - 1))
			cut_off = ALIGN_DOWN(cut_off - 1, MEMORY_STEP);
		if (cut_off != end && range.start < end) {
			boot_problem(info, "memory ends before the end of its map: "
				     "what is there is used");
			range.size = cut_off > range.start ? cut_off - range.start : 0;
		}
		if (range.size)
			info->memory[kept++] = range;
	}
	info->nr_memory = kept;
}

/* Called by boot.S: the loader's magic and the physical address of its information. */
void i386_boot(u32 magic, u32 info_pa)
{
	const struct multiboot_reader reader = { .read = read_physical };
	struct boot_info *info = &boot_info;

	if (KASAN)
		i386_map_boot_shadow();
	i386_cpu_init(&i386_boot_cpu, 0, (unsigned long)double_fault_stack_top);
	info->reserved[0] = (struct boot_range){ 0, LOW_RESERVED };
	info->reserved[1] = (struct boot_range){ virt_to_phys(_text), (u64)(_end - _text) };
	info->reserved[2] = (struct boot_range){ AP_TRAMPOLINE_PA, PAGE_SIZE };
	info->nr_reserved = 3;
	multiboot_parse(info, &reader, magic, info_pa);
	keep_what_is_there(info);
	i386_bring_modules_down(info);
	kernel_main();
}
