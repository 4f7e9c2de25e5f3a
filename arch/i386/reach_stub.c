/* SPDX-License-Identifier: MIT */
/*
 * Sites without a literal: each set has a stub, which sites call, and which hands the
 * trampoline what it is to run (reach_stub.h).
 *
 *	push $word		68 imm32
 *	jmp trampoline		e9 rel32
 *
 * A set that is only a direct call has none: its sites call the direct trampoline.
 */
#include "arch/i386/site.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "trace/core/set.h"
#include "trace/core/stub.h"

void ftrace_caller(void);
void ftrace_regs_caller(void);
void ftrace_set_caller(void);
void ftrace_assist_caller(void);

/* The trampoline that runs @set best, and the word that it wants in the slot. */
static void (*choose_trampoline(struct ftrace_set *set, u32 *word))(void)
{
	*word = (u32)set->target;
	if (!FTRACE_HAVE_ARGS)
		return ftrace_caller;
	if (FTRACE_HAVE_SAVE_REGS && set->flags & FTRACE_SET_REGS)
		return ftrace_regs_caller;
	if (set->target == &set->call)
		return ftrace_set_caller;
	if (!(set->flags & FTRACE_SET_ASSIST))
		return ftrace_caller;
	*word = (u32)set->ops[0];
	return ftrace_assist_caller;
}

int arch_ftrace_set_prepare(struct ftrace_set *set)
{
	unsigned long stub = ftrace_stub_alloc();
	u8 code[10] = { 0x68, [5] = 0xe9 };
	u32 target, offset;

	if (!stub)
		return -ENOMEM;
	offset = (u32)choose_trampoline(set, &target) - (u32)(stub + sizeof(code));
	memcpy(code + 1, &target, sizeof(target));
	memcpy(code + 6, &offset, sizeof(offset));
	/*
	 * No CPU has to be synchronised here: the patcher serialises all of them before a site
	 * leads to the stub.
	 */
	if (arch_text_write((void *)stub, code, sizeof(code))) {
		ftrace_stub_free(stub);
		return -ENOMEM;
	}
	set->stub = stub;
	return 0;
}

void arch_ftrace_set_release(struct ftrace_set *set)
{
	ftrace_stub_free(set->stub);
}

struct ftrace_form arch_ftrace_form(unsigned long ip, const struct ftrace_set *set)
{
	struct ftrace_form form = { NOP5, 0 };

	if (set)
		form.insn = i386_call_insn(ip, set->nr_calls ? set->stub : set->direct);
	return form;
}

int arch_ftrace_read(unsigned long ip, struct ftrace_form *form)
{
	*form = (struct ftrace_form){ i386_site_insn(ip), 0 };
	return 0;
}
