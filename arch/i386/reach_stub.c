/* SPDX-License-Identifier: MIT */
/*
 * Sites without a literal: each set has a stub, which sites call, and which hands the
 * trampoline what it is to run (reach_stub.h).
 *
 *	push $0			6a 00
 *	push %eax		50
 *	push %edx		52
 *	push %ecx		51
 *	mov $word, %ecx		b9 imm32
 *	jmp trampoline		e9 rel32
 *
 * or, with a direct function beside callbacks (struct direct_stub),
 *
 *	call trampoline		e8 rel32
 *	jmp direct		e9 rel32
 *
 * A set that is only a direct call has none: its sites call the direct trampoline. Nor has one
 * whose ops has a trampoline of its own.
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
void ftrace_direct_caller(void);
void ftrace_set_direct_caller(void);
void ftrace_regs_direct_caller(void);

/* The same with a direct function: the word is in the stub. */
static void (*choose_direct_trampoline(struct ftrace_set *set, u32 *word))(void)
{
	*word = (u32)set->target;
	if (FTRACE_HAVE_SAVE_REGS && set->flags & FTRACE_SET_REGS)
		return ftrace_regs_direct_caller;
	if (set->nr_calls > 1)
		return ftrace_set_direct_caller;
	*word = (u32)set->calls[1];
	return ftrace_direct_caller;
}

/* The trampoline that runs @set best, and the word that it wants in ecx. */
static void (*choose_trampoline(struct ftrace_set *set, u32 *word))(void)
{
	*word = (u32)set->target;
	if (!FTRACE_HAVE_ARGS)
		return ftrace_caller;
	if (set->direct)
		return choose_direct_trampoline(set, word);
	if (FTRACE_HAVE_SAVE_REGS && set->flags & FTRACE_SET_REGS)
		return ftrace_regs_caller;
	if (set->target == &set->call)
		return ftrace_set_caller;
	if (!(set->flags & FTRACE_SET_ASSIST))
		return ftrace_caller;
	*word = (u32)set->ops[0];
	return ftrace_assist_caller;
}

/* The instruction `opcode rel32` at @ip that goes to @target. */
static struct branch branch(u8 opcode, unsigned long ip, unsigned long target)
{
	return (struct branch){ opcode, (u32)(target - (ip + sizeof(struct branch))) };
}

int arch_ftrace_set_prepare(struct ftrace_set *set)
{
	union {
		struct callable_stub callable;
		struct direct_stub direct;
	} code = { .callable = { { 0x6a, 0, 0x50, 0x52, 0x51 }, { 0 }, { 0 } } };
	unsigned long stub, trampoline;
	u32 word;

	if (!set->nr_calls || ftrace_set_own_trampoline(set))
		return 0;
	stub = ftrace_stub_alloc();
	if (!stub)
		return -ENOMEM;
	trampoline = (unsigned long)choose_trampoline(set, &word);
	if (set->direct) {
		code.direct = (struct direct_stub){
			.first = branch(CALL_OPCODE, stub, trampoline),
			.jump = branch(JMP_OPCODE, stub + sizeof(struct branch), set->direct),
			.word = word,
			.direct = (u32)set->direct,
		};
	} else {
		code.callable.load = (struct branch){ MOV_TO_ECX_OPCODE, word };
		code.callable.jump = branch(JMP_OPCODE,
			stub + offsetof(struct callable_stub, jump), trampoline);
	}
	/*
	 * No CPU has to be synchronised here: the patcher serialises all of them before a site
	 * leads to the stub.
	 */
	if (arch_text_write((void *)stub, &code, sizeof(code))) {
		ftrace_stub_free(stub);
		return -ENOMEM;
	}
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
	struct ftrace_form form = { NOP5, 0 };
	unsigned long target;

	if (set) {
		target = ftrace_set_own_trampoline(set);
		if (!target)
			target = set->nr_calls ? set->stub : set->direct;
		form.insn = i386_call_insn(ip, target);
	}
	return form;
}

int arch_ftrace_read(unsigned long ip, struct ftrace_form *form)
{
	*form = (struct ftrace_form){ i386_site_insn(ip), 0 };
	return 0;
}
