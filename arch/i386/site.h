/* SPDX-License-Identifier: MIT */
/* The instructions at a site of i386, for the files that make, change and name them. */
#pragma once
#include <asm/site_mode.h>
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "trace/arch.h"

#define NOP5 0x0000441f0fULL		/* nopl 0x0(%eax,%eax,1), little endian */
#define INT3 0xcc
#define CALL_OPCODE 0xe8
#define JMP_OPCODE 0xe9			/* like the former, with a distance of 32 bits */
#define MOV_TO_ECX_OPCODE 0xb9		/* mov $imm32, %ecx */
#define MOV_TO_EDX_OPCODE 0xba		/* mov $imm32, %edx */
#define ENDBR32 0xfb1e0ff3u
#define LITERAL_SIZE 4			/* right before the function */
#define LITERAL_ALIGN 16		/* so that trampolines find it, endbr32 or not */

/* What is written into a slot for a stub (reach_stub.c), without a direct function and with one. */
struct branch {
	u8 opcode;
	u32 operand;
} __packed;
struct callable_stub {
	u8 pushes[5];
	struct branch load, jump;
} __packed;
struct direct_stub {
	struct branch first, jump;
	u32 word, direct;		/* what its trampoline reads */
} __packed;

/* Sites lie in mapped text for as long as they have a record, so this cannot fault. */
typedef u32 __attribute__((aligned(1), may_alias)) unaligned_u32;

static inline u64 i386_site_insn(unsigned long ip)
{
	/* In this order: who sees a new first byte sees the tail that was written before it. */
	u32 first = *(const volatile unaligned_u32 *)ip;

	return first | (u64)*(const volatile u8 *)(ip + 4) << 32;
}

static inline u64 i386_call_insn(unsigned long ip, unsigned long target)
{
	u32 offset = (u32)(target - (ip + FTRACE_INSN_SIZE));

	return CALL_OPCODE | (u64)offset << 8;
}

/*
 * Is there a site as compiled, a call of @callee? A GCC that counts calls has put a move of a
 * counter's address to edx in front of it.
 */
static inline bool i386_is_compiled_call(unsigned long ip, void (*callee)(void))
{
	if (i386_site_insn(ip) != i386_call_insn(ip, (unsigned long)callee))
		return false;
	return !SITES_ARE_COUNTED || (u8)i386_site_insn(ip - FTRACE_INSN_SIZE) == MOV_TO_EDX_OPCODE;
}

/* The function whose entry has its site at @ip: behind an endbr32 if there is one. */
static inline unsigned long i386_entry_of_site(unsigned long ip)
{
	return *(const unaligned_u32 *)(ip - 4) == ENDBR32 ? ip - 4 : ip;
}

/* The literal of a function with its site at @ip; not called in builds without. */
static inline unsigned long *i386_literal(unsigned long ip)
{
	return (unsigned long *)(i386_entry_of_site(ip) - LITERAL_SIZE);
}

/* arch_ftrace_init_site() where sites come as calls of @callee, or as NOPs already. */
static inline int i386_init_called_site(unsigned long ip, void (*callee)(void))
{
	static const u8 nops[] = { 0x0f, 0x1f, 0x44, 0, 0, 0x0f, 0x1f, 0x44, 0, 0 };
	const unsigned int counter = SITES_ARE_COUNTED ? FTRACE_INSN_SIZE : 0;

	if (i386_site_insn(ip) == NOP5)
		return 0;
	if (!i386_is_compiled_call(ip, callee))
		return -EINVAL;
	return arch_text_write((void *)(ip - counter), nops, counter + FTRACE_INSN_SIZE);
}
