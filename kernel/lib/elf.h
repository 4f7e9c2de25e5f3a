/* SPDX-License-Identifier: MIT */
/*
 * The part of the ELF format (System V gABI, chapter 4) that the module loader needs, in the class
 * (32 or 64 bits) that the port chooses in <asm/elf.h>.
 */
#pragma once
#include "kernel/types.h"
#include <asm/elf.h>

#define ELFCLASS32 1
#define ELFCLASS64 2
#define ELFDATA2LSB 1
#define ET_REL 1
#define EM_386 3
#define EM_AARCH64 183

#define SHT_PROGBITS 1
#define SHT_SYMTAB 2
#define SHT_STRTAB 3
#define SHT_RELA 4
#define SHT_NOBITS 8
#define SHT_REL 9
#define SHF_WRITE 1u
#define SHF_ALLOC 2u
#define SHF_EXECINSTR 4u
#define SHF_TLS 0x400u

#define SHN_UNDEF 0
#define SHN_LORESERVE 0xff00
#define SHN_ABS 0xfff1
#define SHN_COMMON 0xfff2
#define STB_LOCAL 0
#define STB_WEAK 2
#define STT_FUNC 2
#define STT_SECTION 3
#define STT_FILE 4

#if ELF_CLASS == ELFCLASS64
typedef u64 elf_word;			/* an address, an offset, a size */
#define ELF_R_SYM(info) ((u32)((info) >> 32))
#define ELF_R_TYPE(info) ((u32)(info))
#define ELF_RELOC_SECTION SHT_RELA	/* the only kind that the machine's compilers make */
struct elf_symbol {
	u32 name;
	u8 info, other;
	u16 shndx;
	u64 value, size;
};
struct elf_reloc {
	u64 offset, info;
	s64 addend;
};
#else
typedef u32 elf_word;
#define ELF_R_SYM(info) ((info) >> 8)
#define ELF_R_TYPE(info) ((info) & 0xff)
#define ELF_RELOC_SECTION SHT_REL	/* the addend is in the place to be relocated */
struct elf_symbol {
	u32 name, value, size;
	u8 info, other;
	u16 shndx;
};
struct elf_reloc {
	u32 offset, info;
};
#endif

struct elf_header {
	u8 ident[16];
	u16 type, machine;
	u32 version;
	elf_word entry, phoff, shoff;
	u32 flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_section {
	u32 name, type;
	elf_word flags, addr, offset, size;
	u32 link, info;
	elf_word addralign, entsize;
};
