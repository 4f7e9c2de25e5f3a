/* SPDX-License-Identifier: MIT */
/*
 * How long an i386 instruction is: enough of the opcode map (Intel SDM vol. 2,
 * appendix A) to walk over code that a compiler made for the general registers. The
 * unwinder uses it to tell where in a function's prologue or epilogue an interrupt hit.
 */
#include "arch/i386/insn.h"
#include "arch/i386/site.h"
#include "trace/core/jump.h"

#define NO_IMMEDIATE 0
#define WORD_IMMEDIATE 0x80		/* 4 bytes, 2 with an operand size prefix */

static bool is_prefix(u8 byte)
{
	return byte == 0x66 || byte == 0xf0 || byte == 0xf2 || byte == 0xf3 || byte == 0x2e ||
	       byte == 0x36 || byte == 0x3e || byte == 0x26 || byte == 0x64 || byte == 0x65;
}

static bool one_byte_has_modrm(u8 op)
{
	if (op < 0x40)
		return (op & 7) < 4;
	return op == 0x62 || op == 0x63 || op == 0x69 || op == 0x6b || (op >= 0x80 && op <= 0x8f) ||
	       op == 0xc0 || op == 0xc1 || (op >= 0xc4 && op <= 0xc7) ||
	       (op >= 0xd0 && op <= 0xd3) || (op >= 0xd8 && op <= 0xdf) || op == 0xf6 ||
	       op == 0xf7 || op >= 0xfe;
}

/* Immediate operand, relative target or absolute address behind a one-byte opcode. */
static unsigned int one_byte_immediate(u8 op, u8 modrm)
{
	if (op < 0x40)
		return (op & 7) == 4 ? 1 : (op & 7) == 5 ? WORD_IMMEDIATE : NO_IMMEDIATE;
	if ((op >= 0x70 && op <= 0x7f) || (op >= 0xb0 && op <= 0xb7) || (op >= 0xe0 && op <= 0xe7))
		return 1;
	if (op >= 0xb8 && op <= 0xbf)
		return WORD_IMMEDIATE;
	if (op >= 0xa0 && op <= 0xa3)
		return 4;
	switch (op) {
	case 0x6a: case 0x6b: case 0x80: case 0x82: case 0x83: case 0xa8: case 0xc0: case 0xc1:
	case 0xc6: case 0xcd: case 0xd4: case 0xd5: case 0xeb:
		return 1;
	case 0xc2: case 0xca:
		return 2;
	case 0xc8:
		return 3;
	case 0x68: case 0x69: case 0x81: case 0xa9: case 0xc7:
		return WORD_IMMEDIATE;
	case 0xe8: case 0xe9:
		return 4;
	case 0x9a: case 0xea:
		return 6;
	case 0xf6:			/* TEST has an immediate, its neighbours none */
		return (modrm >> 3 & 7) < 2 ? 1 : NO_IMMEDIATE;
	case 0xf7:
		return (modrm >> 3 & 7) < 2 ? WORD_IMMEDIATE : NO_IMMEDIATE;
	}
	return NO_IMMEDIATE;
}

static bool two_byte_has_modrm(u8 op)
{
	return !((op >= 0x05 && op <= 0x0c) || op == 0x0e || (op >= 0x30 && op <= 0x37) ||
		 op == 0x77 || (op >= 0x80 && op <= 0x8f) || (op >= 0xa0 && op <= 0xa2) ||
		 (op >= 0xa8 && op <= 0xaa) || (op >= 0xc8 && op <= 0xcf));
}

static unsigned int two_byte_immediate(u8 op)
{
	if (op >= 0x80 && op <= 0x8f)
		return 4;
	return (op >= 0x70 && op <= 0x73) || op == 0xa4 || op == 0xac || op == 0xba || op == 0xc2 ||
	       (op >= 0xc4 && op <= 0xc6);
}

/* The ModRM byte with its SIB byte and displacement. */
static unsigned int modrm_length(const u8 *modrm)
{
	unsigned int mod = *modrm >> 6, rm = *modrm & 7, length = 1;

	if (mod == 3)
		return length;
	/* 4 stands for a SIB byte, 5 without mod for an address: Intel SDM vol. 2, table 2-2. */
	if (rm == 4) {
		length++;
		if (mod == 0 && (modrm[1] & 7) == 5)
			length += 4;
	} else if (mod == 0 && rm == 5) {
		length += 4;
	}
	return length + (mod == 1 ? 1 : mod == 2 ? 4 : 0);
}

unsigned int i386_insn_length(const u8 *insn)
{
	const u8 *at = insn;
	bool short_operand = false, has_modrm;
	unsigned int immediate;

	/* While a jump site is patched its first byte is an int3; the others belong to it. */
	if (*at == INT3 && ftrace_is_jump_site((unsigned long)insn))
		return FTRACE_INSN_SIZE;
	for (; is_prefix(*at); at++) {
		if (at - insn >= 4)
			return 0;
		short_operand |= *at == 0x66;
	}
	if (*at == 0x0f) {
		at += 2;
		if (at[-1] == 0x38 || at[-1] == 0x3a)
			return 0;	/* vector instructions: never in this kernel */
		has_modrm = two_byte_has_modrm(at[-1]);
		immediate = two_byte_immediate(at[-1]);
	} else {
		at++;
		has_modrm = one_byte_has_modrm(at[-1]);
		immediate = one_byte_immediate(at[-1], at[0]);
	}
	if (has_modrm)
		at += modrm_length(at);
	if (immediate == WORD_IMMEDIATE)
		immediate = short_operand ? 2 : 4;
	return (unsigned int)(at - insn) + immediate;
}
