/* SPDX-License-Identifier: MIT */
/* What a module's ELF file must be on arm64. */
#pragma once

#define ELF_CLASS ELFCLASS64
#define ELF_MACHINE EM_AARCH64
#define ELF_MACHINE_NAME "arm64"
#define ELF_HAS_VENEERS 1		/* a BL reaches 128 MiB */
