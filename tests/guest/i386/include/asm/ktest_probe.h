/* SPDX-License-Identifier: MIT */
/*
 * What the register probes of tests/guest/i386/ktest_probe.S record: the index of
 * each word in their buffers, for assembly and for C. The portable half is
 * tests/guest/ktest/probe.h; both ports define the same names.
 */
#pragma once

#define PROBE_AX 0
#define PROBE_DX 1
#define PROBE_CX 2
#define PROBE_BX 3
#define PROBE_SI 4
#define PROBE_DI 5
#define PROBE_BP 6
#define PROBE_NR_GPRS 7		/* all are intact when a traced function's body starts */
#define PROBE_FIRST_KEPT PROBE_BX	/* from this one on a function gives them back */
#define PROBE_FLAGS 7
#define PROBE_SP 8		/* in probe_in, that before the call */
#define PROBE_RET 9		/* the traced function's return address */
#define PROBE_RESUME 10		/* probe_direct: where the direct trampoline returns to */
#define PROBE_STACK 11		/* first of the argument words on the stack */
#define PROBE_NR_STACK 5
#define PROBE_NR_WORDS (PROBE_STACK + PROBE_NR_STACK)

#define PROBE_FRAME PROBE_BP
#define PROBE_FLAGS_MASK 0x8d5	/* CF PF AF ZF SF OF */
#define PROBE_CALL_SIZE 4	/* bytes that a call instruction pushes */
#define PROBE_NR_RESULTS 2	/* PROBE_AX and PROBE_DX carry results */

#ifndef __ASSEMBLER__
#include <asm/ftrace.h>
#include <asm/ptrace.h>

#define PROBE_FIRST_ARGUMENT "ax"	/* the register's name */

static inline unsigned long probe_first_argument(const struct pt_regs *regs)
{
	return regs->ax;
}

static inline const char *probe_word_name(unsigned int word)
{
	static const char *const names[] = {
		"eax", "edx", "ecx", "ebx", "esi", "edi", "ebp", "eflags", "esp", "return address",
		"resume address", "stack[0]", "stack[1]", "stack[2]", "stack[3]", "stack[4]",
	};

	return names[word];
}

/* Returns the word that carries argument @n: eax, edx, ecx, and then the stack. */
static inline unsigned int probe_arg_word(unsigned int n)
{
	return n < 3 ? n : PROBE_STACK + n - 3;
}

/*
 * Returns register @word (a general register or the flags) as a callback with
 * FTRACE_OPS_FL_SAVE_REGS sees it.
 */
static inline unsigned long probe_saved_reg(struct ftrace_regs *fregs, unsigned int word)
{
	const struct ftrace_saved_regs *saved = ftrace_saved_regs(fregs);

	switch (word) {
	case PROBE_AX: return fregs->ax;
	case PROBE_DX: return fregs->dx;
	case PROBE_CX: return fregs->cx;
	case PROBE_BP: return fregs->bp;
	case PROBE_BX: return saved->bx;
	case PROBE_SI: return saved->si;
	case PROBE_DI: return saved->di;
	default: return saved->flags;
	}
}

/*
 * Returns where the instruction at a site leads, as its bytes say: to the trampoline or the direct
 * function, through a stub if it calls one. Returns @ip for the NOP, and 0 for anything else.
 */
static inline unsigned long probe_destination(unsigned long ip)
{
	typedef s32 __attribute__((aligned(1), may_alias)) offset_t;
	const u8 *insn = (const u8 *)ip;

	if (insn[0] == 0x0f && insn[1] == 0x1f && insn[2] == 0x44 && !insn[3] && !insn[4])
		return ip;
	if (insn[0] != 0xe8)
		return 0;
	insn += 5 + *(const offset_t *)(insn + 1);
	if (insn[0] == 0x6a && insn[10] == 0xe9)
		insn += 15 + *(const offset_t *)(insn + 11);
	else if (insn[0] == 0xe8 && insn[5] == 0xe9)
		insn += 5 + *(const offset_t *)(insn + 1);
	return (unsigned long)insn;
}

/* Does a trampoline that the code at @stub leads to return there? */
static inline bool probe_returns_to_stub(unsigned long stub)
{
	const u8 *insn = (const u8 *)stub;

	return insn && insn[0] == 0xe8 && insn[5] == 0xe9;
}
#endif
