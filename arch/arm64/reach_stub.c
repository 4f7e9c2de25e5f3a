/* SPDX-License-Identifier: MIT */
/*
 * Sites without a literal: each set has a stub (stub.c), which sites call, and which hands the
 * trampoline what it is to run.
 */
#include "arch/arm64/site.h"
#include "trace/core/set.h"
#include "trace/core/stub.h"

void ftrace_caller(void);
void ftrace_regs_caller(void);

static void (*choose_trampoline(const struct ftrace_set *set))(void)
{
	return FTRACE_HAVE_SAVE_REGS && set->flags & FTRACE_SET_REGS ? ftrace_regs_caller :
		ftrace_caller;
}

int arch_ftrace_set_prepare(struct ftrace_set *set)
{
	if (!set->nr_calls)
		return arm64_direct_prepare(set);
	if (ftrace_set_own_trampoline(set))
		return 0;
	if (arm64_wants_assist(set))
		return arm64_assist_prepare(set);
	return arm64_stub_make(set, choose_trampoline(set), (unsigned long)set->target);
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
