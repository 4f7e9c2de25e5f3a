/* SPDX-License-Identifier: MIT */
/*
 * Sites with a literal: they call the trampoline itself, which finds the callable in the 8 bytes
 * before the function (reach_literal.h). Attaching a second callback to a traced site is one store.
 * One callback with RECURSION alone has a stub, because its trampoline runs nothing else; its
 * literal is for those who come through another one meanwhile.
 */
#include "arch/arm64/site.h"
#include "trace/core/dispatch.h"
#include "trace/core/set.h"
#include "trace/core/stub.h"

void ftrace_caller(void);
void ftrace_regs_caller(void);

int arch_ftrace_set_prepare(struct ftrace_set *set)
{
	if (!set->nr_calls)
		return arm64_direct_prepare(set);
	return arm64_assist_prepare(set);
}

void arch_ftrace_set_release(struct ftrace_set *set)
{
	if (set->stub)
		ftrace_stub_free(set->stub);
}

static unsigned long call_target(const struct ftrace_set *set)
{
	unsigned long own = ftrace_set_own_trampoline(set);

	if (own)
		return own;
	if (set->stub)
		return set->stub;
	if (!set->nr_calls)
		return set->direct;
	return FTRACE_HAVE_SAVE_REGS && set->flags & FTRACE_SET_REGS ?
		(unsigned long)ftrace_regs_caller : (unsigned long)ftrace_caller;
}

struct ftrace_form arch_ftrace_form(unsigned long ip, const struct ftrace_set *set)
{
	struct ftrace_form form = { INSN_NOP, (unsigned long)&ftrace_nothing };

	if (set) {
		form.insn = arm64_branch_insn(INSN_BL, ip, call_target(set));
		form.literal = (unsigned long)set->target;
	}
	return form;
}

/* Sites lie in mapped text for as long as they have a record, so this cannot fault. */
int arch_ftrace_read(unsigned long ip, struct ftrace_form *form)
{
	form->insn = READ_ONCE(*(const u32 *)ip);
	form->literal = READ_ONCE(*(const unsigned long *)arm64_literal_address(ip));
	return 0;
}
