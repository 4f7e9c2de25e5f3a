/* SPDX-License-Identifier: MIT */
/*
 * The stubs of arm64: what a site's BL goes to where it cannot go on by itself. x17 is free at a
 * function's entry.
 *
 *	ldr x17, . + 8
 *	b   trampoline		or, where there is none, br x17
 *	.quad word
 */
#include "arch/arm64/site.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/smp.h"
#include "trace/core/set.h"
#include "trace/core/stub.h"

#define INSN_LDR_X17_8 0x58000051u
#define INSN_BR_X17 0xd61f0220u

void ftrace_assist_caller(void);

int arm64_stub_make(struct ftrace_set *set, void (*trampoline)(void), unsigned long word)
{
	struct {
		u32 insn[2];
		u64 word;
	} code = { { INSN_LDR_X17_8, INSN_BR_X17 }, word };
	unsigned long stub = ftrace_stub_alloc();

	if (!stub)
		return -ENOMEM;
	if (trampoline)
		code.insn[1] = arm64_branch_insn(INSN_B, stub + sizeof(code.insn[0]),
						 (unsigned long)trampoline);
	if (arch_text_write((void *)stub, &code, sizeof(code))) {
		ftrace_stub_free(stub);
		return -ENOMEM;
	}
	smp_sync_cores(); /* before a site leads there: nobody has fetched what was there before */
	set->stub = stub;
	return 0;
}

bool arm64_wants_assist(const struct ftrace_set *set)
{
	const unsigned int regs = FTRACE_HAVE_SAVE_REGS ? FTRACE_SET_REGS : 0;

	return FTRACE_HAVE_ARGS && (set->flags & (FTRACE_SET_ASSIST | regs)) == FTRACE_SET_ASSIST;
}

int arm64_assist_prepare(struct ftrace_set *set)
{
	/* Without arguments there is no such trampoline. */
	return arm64_wants_assist(set) ?
		arm64_stub_make(set, ftrace_assist_caller, (unsigned long)set->ops[0]) : 0;
}
