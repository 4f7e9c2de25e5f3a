/* SPDX-License-Identifier: MIT */
/*
 * What the register probes of tests/guest/arm64/ktest_probe.S record: the index of
 * each word in their buffers, for assembly and for C. The portable half is
 * tests/guest/ktest/probe.h; both ports define the same names.
 */
#pragma once

#define PROBE_X(n) (n)		/* x0-x8 are words 0-8 */
#define PROBE_X18 9
#define PROBE_HIGH(n) ((n) - 9)	/* x19-x28 are words 10-19 */
#define PROBE_FP 20
#define PROBE_NR_GPRS 21	/* all are intact when a traced function's body starts */
#define PROBE_FIRST_KEPT PROBE_X18	/* from this one on a function gives them back */
#define PROBE_FLAGS 21
#define PROBE_SP 22		/* in probe_in, that before the call */
#define PROBE_RET 23		/* the traced function's return address */
#define PROBE_RESUME 24		/* probe_direct: where the direct trampoline returns to */
#define PROBE_STACK 25		/* first of the argument words on the stack */
#define PROBE_NR_STACK 2
#define PROBE_NR_WORDS (PROBE_STACK + PROBE_NR_STACK)

#define PROBE_FRAME PROBE_FP
#define PROBE_FLAGS_MASK 0xf0000000	/* N Z C V */
#define PROBE_CALL_SIZE 0	/* bytes that a call instruction pushes */
#define PROBE_NR_RESULTS 2	/* x0 and x1 carry results */

#ifndef __ASSEMBLER__
#include <asm/ftrace.h>
#include <asm/ptrace.h>

#define PROBE_FIRST_ARGUMENT "x0"	/* the register's name */

static inline unsigned long probe_first_argument(const struct pt_regs *regs)
{
	return regs->regs[0];
}

static inline const char *probe_word_name(unsigned int word)
{
	static const char *const names[] = {
		"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x18", "x19", "x20", "x21",
		"x22", "x23", "x24", "x25", "x26", "x27", "x28", "x29", "nzcv", "sp",
		"return address", "resume address", "stack[0]", "stack[1]",
	};

	return names[word];
}

/* Returns the word that carries argument @n, which is less than 8. */
static inline unsigned int probe_arg_word(unsigned int n)
{
	return PROBE_X(n);
}

/*
 * Returns register @word (a general register or the flags) as a callback with
 * FTRACE_OPS_FL_SAVE_REGS sees it.
 */
static inline unsigned long probe_saved_reg(struct ftrace_regs *fregs, unsigned int word)
{
	const struct ftrace_saved_regs *saved = ftrace_saved_regs(fregs);

	if (word <= PROBE_X(8))
		return fregs->regs[word];
	if (word == PROBE_FP)
		return fregs->fp;
	if (word == PROBE_FLAGS)
		return saved->pstate;
	return saved->regs[word + 9 - 10];	/* words 9-19 are x18-x28, regs[0] is x10 */
}

static inline unsigned long probe_branch(const u32 *insn)
{
	return (unsigned long)insn + (unsigned long)((long)(s32)(*insn << 6) >> 4);
}

/*
 * Returns where the instruction at a site leads, as its bytes say: to the trampoline or the direct
 * function, through a stub if it calls one. Returns @ip for the NOP, and 0 for anything else.
 */
static inline unsigned long probe_destination(unsigned long ip)
{
	const u32 *insn = (const u32 *)ip;

	if (*insn == 0xd503201f)
		return ip;
	if (*insn >> 26 != 0x25)
		return 0;
	insn = (const u32 *)probe_branch(insn);
	if (*insn != 0x58000051)		/* ldr x17, . + 8 */
		return (unsigned long)insn;
	return insn[1] >> 26 == 0x05 ? probe_branch(insn + 1) : *(const unsigned long *)(insn + 2);
}

/* Does a trampoline that the code at @stub leads to return there? No port's stub but i386's. */
static inline bool probe_returns_to_stub(unsigned long stub)
{
	(void)stub;
	return false;
}
#endif
