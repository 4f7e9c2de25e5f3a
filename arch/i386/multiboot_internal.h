/* SPDX-License-Identifier: MIT */
/*
 * What the readers of Multiboot 1 and of Multiboot 2 share (multiboot.c). All of it adds to a
 * struct boot_info, and says by boot_problem() what it leaves out.
 */
#pragma once
#include "arch/i386/multiboot.h"

#define MMAP_MAX_ENTRIES 1024		/* far more than any firmware has */
#define MMAP_MAX_ENTRY_SIZE 256
#define MMAP_RAM 1

/*
 * Copy the string of at most @max bytes at @pa with truncation; control characters become blanks.
 * False: not readable.
 */
bool multiboot_read_string(const struct multiboot_reader *reader, u64 pa, u64 max, char *buf,
			   size_t size, bool *truncated);
/* RAM; of size 0: nothing. */
void multiboot_add_memory(struct boot_info *info, u64 base, u64 size);
/* Memory that is RAM by one entry and something else by another is reserved. */
void multiboot_add_hole(struct boot_info *info, u64 base, u64 size);
/* KiB from 0 and from 1 MiB, if there is no map of memory. */
void multiboot_add_sizes(struct boot_info *info, u32 lower, u32 upper);
/* Asked for before modules are added, which must lie in memory. */
void multiboot_assume_memory(struct boot_info *info);
/* The module in [@start, @end), named by the first word of @string. */
void multiboot_add_module(struct boot_info *info, u32 start, u32 end, const char *string);
/* Read the loader's name, or the command line; the name comes first. */
void multiboot_read_loader(struct boot_info *info, const struct multiboot_reader *reader, u64 pa,
			   u64 max);
void multiboot_read_cmdline(struct boot_info *info, const struct multiboot_reader *reader, u64 pa,
			    u64 max);

void multiboot1_parse(struct boot_info *info, const struct multiboot_reader *reader, u32 pa);
void multiboot2_parse(struct boot_info *info, const struct multiboot_reader *reader, u32 pa);
