/* SPDX-License-Identifier: MIT */
/* How struct boot_info is filled. All of this runs once, before the kernel's own page tables. */
#pragma once

#include "kernel/types.h"

struct boot_info;

/* Add @size bytes to what is memory, or to what of it is in use; 0 bytes are nothing. */
void arm64_add_memory(struct boot_info *info, u64 start, u64 size);
void arm64_reserve(struct boot_info *info, u64 start, u64 size);

/* Takes what QEMU's machine has at least if nothing has said where memory is. */
void arm64_assume_memory(struct boot_info *info);

/* Takes the initrd from @start to @end, unless it cannot be there; all memory must be known. */
void arm64_use_initrd(struct boot_info *info, u64 start, u64 end);

/*
 * Reads the device tree at @pa, which is mapped at DTB_WINDOW, and unmaps it. A tree that is absent
 * or broken is a problem in @info.
 */
void arm64_read_tree(phys_addr_t pa, struct boot_info *info);
