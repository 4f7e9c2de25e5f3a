/* SPDX-License-Identifier: MIT */
/*
 * Relocations of modules on i386 (System V ABI, Intel386 supplement): the addend is
 * what lies at the place, and 32 bits reach everywhere.
 */
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"

enum { R_386_NONE = 0, R_386_32 = 1, R_386_PC32 = 2, R_386_PLT32 = 4 };

int arch_module_relocate(u32 type, u8 *where, size_t room, unsigned long place,
			 unsigned long value, s64 addend)
{
	u32 word;

	if (type == R_386_NONE)
		return 0;
	if (type != R_386_32 && type != R_386_PC32 && type != R_386_PLT32)
		return -EINVAL;
	if (room < sizeof(word))
		return -ENOEXEC;
	/* The addend is in the place itself (REL), so @addend is 0. */
	memcpy(&word, where, sizeof(word));
	word += (u32)value;
	if (type != R_386_32)
		word -= (u32)place;
	memcpy(where, &word, sizeof(word));
	return 0;
}
