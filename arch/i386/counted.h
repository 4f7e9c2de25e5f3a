/* SPDX-License-Identifier: MIT */
/*
 * Sites that a GCC makes which counts calls: `mov $counter, %edx; call __fentry__` (or mcount). The
 * kernel's own are two NOPs since before anything ran (boot.S); a module's come as compiled.
 */
#pragma once
#include "arch/i386/site.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"

#define MOV_TO_EDX_OPCODE 0xba		/* mov $imm32, %edx */

/* As compiled, with the call at @ip? */
static inline bool i386_is_counted_call(unsigned long ip, void (*callee)(void))
{
	return i386_site_insn(ip) == i386_call_insn(ip, (unsigned long)callee) &&
	       (u8)i386_site_insn(ip - FTRACE_INSN_SIZE) == MOV_TO_EDX_OPCODE;
}

/* arch_ftrace_init_site() where sites call @callee. */
static inline int i386_init_counted_site(unsigned long ip, void (*callee)(void))
{
	static const u8 nops[] = { 0x0f, 0x1f, 0x44, 0, 0, 0x0f, 0x1f, 0x44, 0, 0 };

	if (i386_site_insn(ip) == NOP5)
		return 0;
	if (!i386_is_counted_call(ip, callee))
		return -EINVAL;
	return arch_text_write((void *)(ip - FTRACE_INSN_SIZE), nops, sizeof(nops));
}
