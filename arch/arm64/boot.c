/* SPDX-License-Identifier: MIT */
/*
 * First C code at virtual addresses: what the firmware and the device tree say becomes struct
 * boot_info, then kernel_main(). What neither says is assumed to be as on QEMU's `virt` machine.
 */
#include <asm/arch.h>
#include "arch/arm64/arm64.h"
#include "arch/arm64/boot.h"
#include "arch/arm64/boot_uart.h"
#include "arch/arm64/sections.h"
#include "arch/arm64/sysreg.h"
#include "arch/arm64/virt.h"
#include "boot/efi_boot.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"

/* Filled by boot/ in the copy of the image that runs, if UEFI has started it: it is in the file. */
struct efi_handoff efi_handoff __section(".init.data.handoff");

static __init void add_range(struct boot_info *info, struct boot_range *ranges, unsigned int *nr,
			     u64 start, u64 size)
{
	if (!size)
		return;
	if (*nr == BOOT_MAX_RANGES) {
		boot_problem(info, "device tree: too many memory ranges");
		return;
	}
	ranges[(*nr)++] = (struct boot_range){ start, size };
}

__init void arm64_add_memory(struct boot_info *info, u64 start, u64 size)
{
	add_range(info, info->memory, &info->nr_memory, start, size);
}

__init void arm64_reserve(struct boot_info *info, u64 start, u64 size)
{
	add_range(info, info->reserved, &info->nr_reserved, start, size);
}

__init void arm64_assume_memory(struct boot_info *info)
{
	bool usual = kernel_phys - VIRT_RAM_BASE < VIRT_RAM_SIZE;

	if (info->nr_memory)
		return;
	boot_problem(info, "device tree: no memory: 64 MiB are assumed");
	arm64_add_memory(info, usual ? VIRT_RAM_BASE : kernel_phys, VIRT_RAM_SIZE);
}

__init void arm64_use_initrd(struct boot_info *info, u64 start, u64 end)
{
	struct boot_module *module = &info->modules[0];

	if (start == end)
		return;
	if (end < start || !boot_is_memory(info, start, end - start)) {
		boot_problem(info, "the initrd is not in memory: not used");
		return;
	}
	/* Of the reserved ranges only the kernel's counts: a loader may reserve the initrd, too. */
	if (boot_ranges_overlap(start, end - start, kernel_phys, (u64)(_end - _text))) {
		boot_problem(info, "the initrd lies over the kernel: not used");
		return;
	}
	module->start = start;
	module->size = end - start;
	strscpy(module->name, "initrd", sizeof(module->name));
	info->nr_modules = 1;
	arm64_reserve(info, start, end - start);
}

/* What the firmware said while it was there. Its list of memory is newer than the tree's. */
static __init void read_handoff(struct boot_info *info)
{
	const struct efi_handoff *handoff = &efi_handoff;
	const struct boot_range *memory = handoff->memory;

	if (handoff->problems & EFI_CMDLINE_CUT)
		boot_problem(info, "command line too long: its end is lost");
	if (handoff->problems & EFI_INITRD_EMPTY)
		boot_problem(info, "UEFI: the initrd is empty: not used");
	if (handoff->problems & EFI_INITRD_UNREADABLE)
		boot_problem(info, "UEFI: the initrd cannot be read: not used");
	if (handoff->problems & EFI_MEMORY_LOST)
		boot_problem(info, "UEFI: memory is in too many pieces: a range is not used");
	/* What the loader was given wins over a command line that the tree has. */
	strscpy(info->cmdline, handoff->cmdline, sizeof(info->cmdline));
	for (unsigned int i = 0; i < handoff->nr_memory; i++)
		arm64_add_memory(info, memory[i].start, memory[i].size);
	arm64_use_initrd(info, handoff->initrd_start,
			 handoff->initrd_start + handoff->initrd_size);
}

static __init void assume_gic(struct boot_info *info)
{
	struct boot_devices *dev = &info->dev;

	dev->gic_version = PFR0_GIC(read_sysreg(id_aa64pfr0_el1)) ? 3 : 2;
	dev->gicd_base = VIRT_GICD_BASE;
	dev->gicc_base = VIRT_GICC_BASE;
	dev->gicr_base = VIRT_GICR_BASE;
	dev->gicr_size = VIRT_GICR_SIZE;
	boot_problem(info, "device tree: no interrupt controller: QEMU virt's is assumed");
}

static __init void assume_rest(struct boot_info *info, unsigned int el)
{
	struct boot_devices *dev = &info->dev;

	arm64_assume_memory(info);
	if (!dev->uart.base)
		boot_uart_of_spcr(efi_handoff.spcr, efi_handoff.spcr_size, &dev->uart);
	if (!dev->uart.base)
		dev->uart = (struct boot_uart){ .base = VIRT_UART_BASE, .irq = VIRT_UART_IRQ,
						.source = "as on QEMU's machine" };
	if (!dev->gic_version)
		assume_gic(info);
	if (!dev->timer_irq)
		dev->timer_irq = VIRT_TIMER_IRQ;
	if (dev->psci && !dev->psci_smc && el == 2) {
		dev->psci_smc = true;
		boot_problem(info,
			     "device tree: PSCI by HVC, which would call ourselves: SMC is used");
	}
	if (!dev->psci && info->nr_problems) {
		dev->psci = true;
		dev->psci_smc = el == 2;	/* HVC would end up at ourselves */
	}
}

/* Not __init: it stays the first function on thread 0's stack, where backtraces name it. */
void arm64_boot(phys_addr_t dtb, unsigned int el)
{
	struct boot_info *info = &boot_info;

	scnprintf(info->loader, sizeof(info->loader), "%s, at EL%u",
		  efi_handoff.present ? "UEFI" : "arm64 Image", el);
	arm64_reserve(info, kernel_phys, _end - _text);
	if (efi_handoff.present)
		read_handoff(info);
	arm64_read_tree(dtb, info);
	assume_rest(info, el);
	arm64_map_ram(info);
	kernel_main();
}
