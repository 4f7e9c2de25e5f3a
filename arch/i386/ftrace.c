/* SPDX-License-Identifier: MIT */
/*
 * Sites, stubs and unwinding on i386. A site is a five-byte NOP or `call
 * rel32`, the first instruction of its function (behind an endbr32 if there is one). A set is reached
 * through a stub of its own:
 *
 *	push $word		68 imm32	what the trampoline is to run
 *	jmp trampoline		e9 rel32
 *
 * except a set that is only a direct call: its sites call the direct trampoline.
 */
#include "kernel/arch.h"
#include "kernel/errno.h"
#include "kernel/string.h"
#include "kernel/trace_hooks.h"
#include "trace/arch.h"
#include "trace/set.h"
#include "trace/stub.h"
#include <asm/ptrace.h>

#define NOP5 0x0000441f0fULL		/* nopl 0x0(%eax,%eax,1), little endian */
#define CALL_OPCODE 0xe8
#define ENDBR32 0xfb1e0ff3u

void ftrace_caller(void);
void ftrace_regs_caller(void);
void ftrace_set_caller(void);
void ftrace_assist_caller(void);
void __fentry__(void);
extern const char ftrace_caller_return[], ftrace_regs_caller_return[];
extern const char ftrace_set_caller_return[], ftrace_assist_caller_return[];
extern const char ftrace_trampolines_end[];

/* See at_distance in ftrace.S. */
struct distance {
	unsigned long start, bytes;
};
extern const struct distance ftrace_distances[], ftrace_distances_end[];

unsigned long arch_ftrace_site(unsigned long table_entry)
{
	return table_entry;
}

unsigned long arch_ftrace_function(unsigned long ip)
{
	u32 before;

	memcpy(&before, (const void *)(ip - 4), sizeof(before));
	return before == ENDBR32 ? ip - 4 : ip;
}

static u64 call_insn(unsigned long ip, unsigned long target)
{
	u32 offset = (u32)(target - (ip + FTRACE_INSN_SIZE));

	return CALL_OPCODE | (u64)offset << 8;
}

/* Sites lie in mapped text for as long as they have a record, so this cannot fault. */
int arch_ftrace_read(unsigned long ip, struct ftrace_form *form)
{
	u32 first;

	memcpy(&first, (const void *)ip, sizeof(first));
	*form = (struct ftrace_form){ first | (u64)*(const volatile u8 *)(ip + 4) << 32, 0 };
	return 0;
}

int arch_ftrace_init_site(unsigned long ip)
{
	const u64 nop = NOP5;
	struct ftrace_form form;
	int err = arch_ftrace_read(ip, &form);

	if (err || form.insn == NOP5)
		return err;
	if (form.insn != call_insn(ip, (unsigned long)__fentry__))
		return -EINVAL;
	return arch_text_write((void *)ip, &nop, FTRACE_INSN_SIZE);
}

/* The trampoline that runs @set best, and the word that it wants in the slot. */
static void (*choose_trampoline(struct ftrace_set *set, u32 *word))(void)
{
	*word = (u32)set->target;
	if (set->flags & FTRACE_SET_REGS)
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
		form.insn = call_insn(ip, set->nr_calls ? set->stub : set->direct);
	return form;
}

unsigned long arch_ftrace_call_target(unsigned long ip, const struct ftrace_form *form)
{
	if ((form->insn & 0xff) != CALL_OPCODE)
		return 0;
	return ip + FTRACE_INSN_SIZE + (u32)(form->insn >> 8);
}

static bool in_trampoline_text(unsigned long pc)
{
	return pc >= (unsigned long)ftrace_caller && pc < (unsigned long)ftrace_trampolines_end;
}

bool ftrace_is_trampoline(unsigned long pc)
{
	return in_trampoline_text(pc) || ftrace_stub_contains(pc);
}

/* How far above esp the resume address is when the instruction at @pc is next. */
static unsigned long distance_at(unsigned long pc)
{
	const struct distance *d = ftrace_distances;
	unsigned long bytes = 0;

	if (!in_trampoline_text(pc))
		return (pc & (FTRACE_STUB_SIZE - 1)) ? 4 : 0;
	for (; d < ftrace_distances_end && d->start <= pc; d++)
		bytes = d->bytes;
	return bytes;
}

bool ftrace_unwind_regs(const struct pt_regs *regs, unsigned long *ip, unsigned long *parent_ip,
			unsigned long *fp)
{
	unsigned long pc = instruction_pointer(regs);
	const unsigned long *slot;

	if (!ftrace_is_trampoline(pc))
		return false;
	if (in_trampoline_text(pc) && pc >= (unsigned long)ftrace_return_stub)
		return false;		/* a lone return: nothing of a trampoline is on the stack */
	slot = (const unsigned long *)(kernel_stack_pointer(regs) + distance_at(pc));
	*ip = slot[0];
	*parent_ip = slot[1];
	*fp = frame_pointer(regs);
	return true;
}

/*
 * The C function's frame is {saved ebp, return address}, then what the
 * trampoline pushed: the argument, the saved registers if any, fregs.
 */
bool ftrace_unwind_frame(unsigned long frame, unsigned long *ip, unsigned long *parent_ip,
			 unsigned long *fp)
{
	const unsigned long *word = (const unsigned long *)frame;
	const struct ftrace_regs *fregs;

	/* word[2] is the argument; behind it what each trampoline saved besides struct ftrace_regs. */
	if (word[1] == (unsigned long)ftrace_caller_return)
		fregs = (const struct ftrace_regs *)&word[3];
	else if (word[1] == (unsigned long)ftrace_assist_caller_return)
		fregs = (const struct ftrace_regs *)&word[4];
	else if (word[1] == (unsigned long)ftrace_set_caller_return)
		fregs = (const struct ftrace_regs *)&word[7];
	else if (word[1] == (unsigned long)ftrace_regs_caller_return)
		fregs = (const struct ftrace_regs *)((const struct ftrace_saved_regs *)&word[3] + 1);
	else
		return false;
	*ip = fregs->ip;
	*parent_ip = fregs->parent_ip;
	*fp = fregs->bp;
	return true;
}
