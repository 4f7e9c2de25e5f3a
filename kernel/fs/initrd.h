/* SPDX-License-Identifier: MIT */
/* Boot modules: files that the boot loader has put into memory. Thread context. */
#pragma once
#include "kernel/boot_info.h"

/*
 * The first boot module whose name, as the loader gives it, ends with @name; NULL: there is none.
 */
const struct boot_module *find_boot_module(const char *name);
/* Its contents; NULL if they lie outside the direct map (logged). */
const void *boot_module_data(const struct boot_module *mod);
/* Is @mod a cpio archive, by its first bytes? */
bool boot_module_is_cpio(const struct boot_module *mod);
/* Unpack the initrd, if there is one and it is a cpio archive, into the root file system. */
void unpack_initrd(void);
