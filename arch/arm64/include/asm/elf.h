/* SPDX-License-Identifier: MIT */
/* What a module's ELF file must be on arm64. */
#pragma once

#define ELF_CLASS ELFCLASS64
#define ELF_MACHINE EM_AARCH64
#define ELF_MACHINE_NAME "arm64"
