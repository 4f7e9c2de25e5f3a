/* SPDX-License-Identifier: MIT */
/* What a module's ELF file must be on i386. */
#pragma once

#define ELF_CLASS ELFCLASS32
#define ELF_MACHINE EM_386
#define ELF_MACHINE_NAME "i386"
#define ELF_HAS_VENEERS 0		/* branches reach everywhere */
