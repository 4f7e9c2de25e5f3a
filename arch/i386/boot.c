/* SPDX-License-Identifier: MIT */
/*
 * First C code, on the boot stack with the first page tables (boot.S): this
 * CPU's registers, the loader's information, then kernel_main().
 */
#include "arch/i386/multiboot.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/compiler.h"
#include "kernel/string.h"
#include <asm/memory.h>

#define LOW_RESERVED 0x1000		/* interrupt vectors and BIOS data */

extern char _text[], _end[];
extern char double_fault_stack_top[];

void i386_boot(u32 magic, u32 info_pa) __noreturn;

/* Physical memory through the direct map, which reaches as far as DIRECT_MAP_SIZE here. */
static bool read_physical(const struct multiboot_reader *reader, u64 pa, void *buf, size_t len)
{
	(void)reader;
	if (pa >= DIRECT_MAP_SIZE || len > DIRECT_MAP_SIZE - pa)
		return false;
	memcpy(buf, phys_to_virt(pa), len);
	return true;
}

/* Called by boot.S: the loader's magic and the physical address of its information. */
void i386_boot(u32 magic, u32 info_pa)
{
	const struct multiboot_reader reader = { .read = read_physical };
	struct boot_info *info = &boot_info;

	i386_cpu_init(&i386_boot_cpu, 0, (unsigned long)double_fault_stack_top);
	info->reserved[0] = (struct boot_range){ 0, LOW_RESERVED };
	info->reserved[1] = (struct boot_range){ virt_to_phys(_text), (u64)(_end - _text) };
	info->reserved[2] = (struct boot_range){ AP_TRAMPOLINE_PA, PAGE_SIZE };
	info->nr_reserved = 3;
	multiboot_parse(info, &reader, magic, info_pa);
	kernel_main();
}
