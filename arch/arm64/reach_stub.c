/* SPDX-License-Identifier: MIT */
/*
 * Sites without a literal: each set has a stub, which sites call, and which hands the
 * trampoline what it is to run in x17, free at a function's entry.
 *
 *	ldr x17, . + 8
 *	b   trampoline
 *	.quad callable
 */
#include "arch/arm64/site.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/smp.h"
#include "trace/core/set.h"
#include "trace/core/stub.h"

#define INSN_LDR_X17_8 0x58000051u

void ftrace_caller(void);
void ftrace_regs_caller(void);

static unsigned long choose_trampoline(const struct ftrace_set *set)
{
	return FTRACE_HAVE_SAVE_REGS && set->flags & FTRACE_SET_REGS ?
		(unsigned long)ftrace_regs_caller : (unsigned long)ftrace_caller;
}

int arch_ftrace_set_prepare(struct ftrace_set *set)
{
	struct {
		u32 insn[2];
		u64 callable;
	} code = { { INSN_LDR_X17_8 }, (unsigned long)set->target };
	unsigned long stub;

	if (!set->nr_calls)
		return arm64_direct_prepare(set);
	if (ftrace_set_own_trampoline(set))
		return 0;
	stub = ftrace_stub_alloc();
	if (!stub)
		return -ENOMEM;
	code.insn[1] = arm64_branch_insn(INSN_B, stub + 4, choose_trampoline(set));
	if (arch_text_write((void *)stub, &code, sizeof(code))) {
		ftrace_stub_free(stub);
		return -ENOMEM;
	}
	smp_sync_cores(); /* before a site leads there: nobody has fetched what was there before */
	set->stub = stub;
	return 0;
}

void arch_ftrace_set_release(struct ftrace_set *set)
{
	if (set->stub)
		ftrace_stub_free(set->stub);
}

struct ftrace_form arch_ftrace_form(unsigned long ip, const struct ftrace_set *set)
{
	struct ftrace_form form = { INSN_NOP, 0 };
	unsigned long target;

	if (set) {
		target = ftrace_set_own_trampoline(set);
		if (!target)
			target = set->stub ? set->stub : set->direct;
		form.insn = arm64_branch_insn(INSN_BL, ip, target);
	}
	return form;
}

int arch_ftrace_read(unsigned long ip, struct ftrace_form *form)
{
	*form = (struct ftrace_form){ READ_ONCE(*(const u32 *)ip), 0 };
	return 0;
}
