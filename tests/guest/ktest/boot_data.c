/* SPDX-License-Identifier: MIT */
/* What the boot loader told, as the kernel has kept it: true of every way of booting. */
#include <asm/memory.h>
#include "kernel/boot_info.h"
#include "kernel/compiler.h"
#include "kernel/lib/string.h"
#include "tests/guest/ktest/ktest.h"

extern char _text[], _end[];

static bool is_reserved(phys_addr_t start, phys_addr_t size)
{
	for (unsigned int i = 0; i < boot_info.nr_reserved; i++) {
		const struct boot_range *r = &boot_info.reserved[i];

		if (start >= r->start && start - r->start < r->size &&
		    size <= r->size - (start - r->start))
			return true;
	}
	return false;
}

KTEST(boot_data, image_is_reserved)
{
	phys_addr_t start = virt_to_phys(_text);

	KT_EXPECT(t, is_reserved(start, (phys_addr_t)(_end - _text)));
}

KTEST(boot_data, memory_does_not_overlap)
{
	KT_EXPECT(t, boot_info.nr_memory >= 1 && boot_info.nr_memory <= BOOT_MAX_RANGES);
	for (unsigned int i = 0; i < boot_info.nr_memory; i++) {
		const struct boot_range *a = &boot_info.memory[i];

		KT_EXPECT(t, a->size && a->start + a->size > a->start);
		for (unsigned int j = 0; j < i; j++)
			KT_EXPECT(t, !boot_ranges_overlap(a->start, a->size,
							  boot_info.memory[j].start,
							  boot_info.memory[j].size));
	}
}

KTEST(boot_data, modules_are_in_reserved_memory)
{
	for (unsigned int i = 0; i < boot_info.nr_modules; i++) {
		const struct boot_module *module = &boot_info.modules[i];

		KT_EXPECT(t, module->name[0]);
		if (!module->size)
			continue;
		KT_EXPECT(t, boot_is_memory(&boot_info, module->start, module->size));
		KT_EXPECT(t, is_reserved(module->start, module->size));
		KT_EXPECT(t, !boot_ranges_overlap(module->start, module->size, virt_to_phys(_text),
						  (phys_addr_t)(_end - _text)));
	}
}

/* No way of booting leaves its own words, or blanks where there were some. */
KTEST(boot_data, command_line_is_clean)
{
	const char *cmdline = boot_info.cmdline;
	size_t len = strlen(cmdline);

	KT_EXPECT(t, *cmdline != ' ' && (!len || cmdline[len - 1] != ' '));
	KT_EXPECT(t, !strstr(cmdline, "BOOT_IMAGE") && !strstr(cmdline, "initrd="));
	for (size_t i = 0; i < len; i++)
		KT_EXPECT(t, (unsigned char)cmdline[i] >= ' ' && cmdline[i] != 0x7f);
}
