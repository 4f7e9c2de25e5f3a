/* SPDX-License-Identifier: MIT */
/* Boot modules: files that the boot loader brought. */
#pragma once
#include "kernel/boot_info.h"

/* The boot module @name (the end of the loader's name for it); NULL if there is none. */
const struct boot_module *find_boot_module(const char *name);
/* Its bytes, which are of any kind; NULL if they are out of reach (logged). */
const void *boot_module_data(const struct boot_module *mod);
/* Is @mod a cpio archive, by its first bytes? */
bool boot_module_is_cpio(const struct boot_module *mod);
/* Unpack the initrd, a cpio archive, into the root file system, if there is one. */
void unpack_initrd(void);
