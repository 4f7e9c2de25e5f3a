/* SPDX-License-Identifier: MIT */
/*
 * Sites, literals and unwinding on arm64. A site is the second of two words at
 * the function's entry: `mov x9, x30`, written once at boot, then NOP or BL. The 8
 * bytes before the entry hold the literal: the callable that the trampoline is to
 * call. A set that is only a direct call is a BL to the direct trampoline, or to a
 * stub that loads its address when it is out of a BL's reach.
 */
#include "kernel/arch.h"
#include "kernel/errno.h"
#include "kernel/printk.h"
#include "kernel/string.h"
#include "kernel/trace_hooks.h"
#include "trace/arch.h"
#include "trace/dispatch.h"
#include "trace/set.h"
#include "trace/stub.h"
#include <asm/ptrace.h>

#define INSN_NOP 0xd503201fu
#define INSN_BTI_C 0xd503245fu
#define INSN_MOV_X9_X30 0xaa1e03e9u
#define INSN_BL 0x94000000u
#define INSN_LDR_X17_8 0x58000051u	/* ldr x17, . + 8 */
#define INSN_BR_X17 0xd61f0220u
#define BL_REACH 0x08000000L

void ftrace_caller(void);
void ftrace_regs_caller(void);
extern const char ftrace_trampolines_end[], _text[], _etext[];

/* See `state` in ftrace.S. */
enum { AT_ENTRY, IN_PARENT_RECORD, IN_RECORDS, LEAVING, SWAPPING };
struct trampoline_state {
	unsigned long start, state;
};
extern const struct trampoline_state ftrace_states[], ftrace_states_end[];

/* The entry is the first of two NOPs before the function; the site its last NOP. */
unsigned long arch_ftrace_site(unsigned long table_entry)
{
	unsigned long function = table_entry + 8;
	u32 first;

	if (table_entry & 7)
		return 0;
	memcpy(&first, (const void *)function, sizeof(first));
	return first == INSN_BTI_C ? function + 8 : function + 4;
}

static unsigned long literal_address(unsigned long ip)
{
	return ((ip + 4) & ~7UL) - 16;
}

unsigned long arch_ftrace_function(unsigned long ip)
{
	return literal_address(ip) + 8;
}

static bool bl_reaches(unsigned long from, unsigned long to)
{
	long offset = (long)(to - from);

	return offset >= -BL_REACH && offset < BL_REACH;
}

/* Execmem lies so that trampolines and stubs are in a BL's reach; a site elsewhere is refused. */
int arch_ftrace_init_site(unsigned long ip)
{
	const u32 expected[2] = { INSN_NOP, INSN_NOP };
	const u32 entry = INSN_MOV_X9_X30;
	const unsigned long literal = (unsigned long)&ftrace_nothing;

	if (memcmp((const void *)(ip - 4), expected, sizeof(expected)))
		return -EINVAL;
	if (!bl_reaches(ip, (unsigned long)ftrace_caller) ||
	    !bl_reaches(ip, (unsigned long)ftrace_regs_caller)) {
		pr_err("ftrace: %lx is out of the trampolines' reach\n", ip);
		return -ERANGE;
	}
	if (arch_text_write((void *)literal_address(ip), &literal, sizeof(literal)))
		return -EFAULT;
	return arch_text_write((void *)(ip - 4), &entry, sizeof(entry));
}

/* A stub is needed only when sites cannot reach the direct trampoline themselves. */
int arch_ftrace_set_prepare(struct ftrace_set *set)
{
	struct {
		u32 insn[2];
		u64 target;
	} code = { { INSN_LDR_X17_8, INSN_BR_X17 }, set->direct };

	if (set->nr_calls || (bl_reaches((unsigned long)_text, set->direct) &&
			      bl_reaches((unsigned long)_etext, set->direct)))
		return 0;
	set->stub = ftrace_stub_alloc();
	if (!set->stub)
		return -ENOMEM;
	if (arch_text_write((void *)set->stub, &code, sizeof(code))) {
		ftrace_stub_free(set->stub);
		return -ENOMEM;
	}
	return 0;
}

void arch_ftrace_set_release(struct ftrace_set *set)
{
	if (set->stub)
		ftrace_stub_free(set->stub);
}

static unsigned long call_target(const struct ftrace_set *set)
{
	if (!set->nr_calls)
		return set->stub ? set->stub : set->direct;
	return set->flags & FTRACE_SET_REGS ? (unsigned long)ftrace_regs_caller :
		(unsigned long)ftrace_caller;
}

struct ftrace_form arch_ftrace_form(unsigned long ip, const struct ftrace_set *set)
{
	struct ftrace_form form = { INSN_NOP, (unsigned long)&ftrace_nothing };

	if (set) {
		form.insn = INSN_BL | (((call_target(set) - ip) >> 2) & 0x03ffffff);
		form.literal = (unsigned long)set->target;
	}
	return form;
}

/* Sites lie in mapped text for as long as they have a record, so this cannot fault. */
int arch_ftrace_read(unsigned long ip, struct ftrace_form *form)
{
	form->insn = READ_ONCE(*(const u32 *)ip);
	form->literal = READ_ONCE(*(const unsigned long *)literal_address(ip));
	return 0;
}

unsigned long arch_ftrace_call_target(unsigned long ip, const struct ftrace_form *form)
{
	if ((form->insn & 0xfc000000) != INSN_BL)
		return 0;
	return ip + (unsigned long)((long)(s32)((u32)form->insn << 6) >> 4);
}

static bool in_trampoline_text(unsigned long pc)
{
	return pc >= (unsigned long)ftrace_caller && pc < (unsigned long)ftrace_trampolines_end;
}

bool ftrace_is_trampoline(unsigned long pc)
{
	return in_trampoline_text(pc) || ftrace_stub_contains(pc);
}

static unsigned long state_at(unsigned long pc)
{
	const struct trampoline_state *s = ftrace_states;
	unsigned long state = AT_ENTRY;

	for (; in_trampoline_text(pc) && s < ftrace_states_end && s->start <= pc; s++)
		state = s->state;
	return state;
}

bool ftrace_unwind_regs(const struct pt_regs *regs, unsigned long *ip, unsigned long *parent_ip,
			unsigned long *fp)
{
	const unsigned long *record = (const unsigned long *)regs->regs[29];
	unsigned long pc = instruction_pointer(regs);

	if (!ftrace_is_trampoline(pc))
		return false;
	*fp = regs->regs[29];
	*ip = regs->regs[30];
	*parent_ip = regs->regs[9];
	switch (state_at(pc)) {
	case IN_PARENT_RECORD:
		*fp = record[0];
		break;
	case IN_RECORDS:
		*ip = record[1];
		record = (const unsigned long *)record[0];
		*fp = record[0];
		*parent_ip = record[1];
		break;
	case LEAVING:
		*ip = regs->regs[9];
		*parent_ip = regs->regs[30];
		break;
	case SWAPPING:
		*ip = regs->regs[16];
		break;
	}
	return true;
}

/* The trampolines push frame records of their own, so a walk by x29 sees them. */
bool ftrace_unwind_frame(unsigned long frame, unsigned long *ip, unsigned long *parent_ip,
			 unsigned long *fp)
{
	(void)frame;
	(void)ip;
	(void)parent_ip;
	(void)fp;
	return false;
}
