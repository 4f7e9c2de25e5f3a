/* SPDX-License-Identifier: MIT */
/*
 * The Multiboot information as the kernel wants it, of version 1 or 2. This is parsing alone:
 * memory is read only through the reader, so that nothing of the machine is needed.
 */
#pragma once
#include "kernel/boot_info.h"

/* What a loader leaves in eax. */
#define MULTIBOOT1_BOOT_MAGIC 0x2badb002u
#define MULTIBOOT2_BOOT_MAGIC 0x36d76289u

/* Copy @len bytes of physical memory at @pa; false when they cannot be read. */
struct multiboot_reader {
	bool (*read)(const struct multiboot_reader *reader, u64 pa, void *buf, size_t len);
};

/*
 * Fill @info from what the loader passed: @magic and the physical address of its information.
 * @info is zero but for reserved[], which holds what must not be given away (the image); boot
 * modules are added to it. What is malformed is left out, and named in info->problems.
 */
void multiboot_parse(struct boot_info *info, const struct multiboot_reader *reader, u32 magic,
		     u32 info_pa);
