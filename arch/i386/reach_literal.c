/* SPDX-License-Identifier: MIT */
/*
 * Sites with a literal: they call the trampoline itself, which finds the callable before the
 * function (reach_literal.h). Nothing is generated: attaching a second callback is one store.
 */
#include "arch/i386/site.h"
#include "trace/core/dispatch.h"
#include "trace/core/set.h"

void ftrace_caller(void);
void ftrace_regs_caller(void);

int arch_ftrace_set_prepare(struct ftrace_set *set)
{
	return 0;
}

void arch_ftrace_set_release(struct ftrace_set *set)
{
}

static unsigned long call_target(const struct ftrace_set *set)
{
	unsigned long own = ftrace_set_own_trampoline(set);

	if (own)
		return own;
	if (!set->nr_calls)
		return set->direct;
	return FTRACE_HAVE_SAVE_REGS && set->flags & FTRACE_SET_REGS ?
		(unsigned long)ftrace_regs_caller : (unsigned long)ftrace_caller;
}

struct ftrace_form arch_ftrace_form(unsigned long ip, const struct ftrace_set *set)
{
	struct ftrace_form form = { NOP5, (unsigned long)&ftrace_nothing };

	if (set) {
		form.insn = i386_call_insn(ip, call_target(set));
		form.literal = (unsigned long)set->target;
	}
	return form;
}

int arch_ftrace_read(unsigned long ip, struct ftrace_form *form)
{
	*form = (struct ftrace_form){ i386_site_insn(ip), READ_ONCE(*i386_literal(ip)) };
	return 0;
}
