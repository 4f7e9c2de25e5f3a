/* SPDX-License-Identifier: MIT */
/*
 * What sites of i386 have in common, and unwinding through trampolines. A site is a five-byte NOP
 * or `call rel32`, the first instruction of its function (behind an endbr32 if there is one), or
 * with hook=mcount the first behind its prologue. How the compiler made it is in site.c and
 * site_mcount.c, how it reaches its set in reach_*.c.
 */
#include "arch/i386/site.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/trace_hooks.h"
#include "trace/arch.h"
#include "trace/core/stub.h"
#include <asm/cpu.h>
#include <asm/ptrace.h>

extern const char ftrace_caller_return[], ftrace_regs_caller_return[];
/* A build whose sites have literals has none of these two. */
extern const char ftrace_set_caller_return[] __weak, ftrace_assist_caller_return[] __weak;
extern const char ftrace_assist_caller_looked[] __weak;
extern const char __ftrace_text_start[], __ftrace_text_end[];

/* See at_distance in ftrace.S. */
struct distance {
	unsigned long start, bytes;
};
extern const struct distance __start_ftrace_distances[], __stop_ftrace_distances[];

unsigned long arch_ftrace_call_target(unsigned long ip, const struct ftrace_form *form)
{
	if ((form->insn & 0xff) != CALL_OPCODE)
		return 0;
	return ip + FTRACE_INSN_SIZE + (u32)(form->insn >> 8);
}

static bool in_trampoline_text(unsigned long pc)
{
	return pc >= (unsigned long)__ftrace_text_start && pc < (unsigned long)__ftrace_text_end;
}

bool ftrace_is_trampoline(unsigned long pc)
{
	return in_trampoline_text(pc) || ftrace_stub_contains(pc);
}

/* How far above esp the resume address is when the instruction at @pc is next. */
static unsigned long distance_at(unsigned long pc)
{
	const struct distance *d = __start_ftrace_distances;
	unsigned long bytes = 0;

	if (!in_trampoline_text(pc))
		return (pc & (FTRACE_STUB_SIZE - 1)) ? 4 : 0;
	for (; d < __stop_ftrace_distances && d->start <= pc; d++)
		bytes = d->bytes;
	return bytes;
}

/* hook=mcount: at its site the traced function has its frame, and *@fp is that. */
static void leave_frame(unsigned long *parent_ip, unsigned long *fp)
{
	const unsigned long *frame = (const unsigned long *)*fp;

	*fp = frame[0];
	*parent_ip = frame[1];
}

struct pt_regs *ftrace_partial_regs(const struct ftrace_regs *fregs, struct pt_regs *regs)
{
	if (!fregs)
		return NULL;
	*regs = (struct pt_regs){
		.ax = fregs->ax, .dx = fregs->dx, .cx = fregs->cx, .bp = fregs->bp,
		.sp = ftrace_regs_get_stack_pointer(fregs), .ip = fregs->ip, .cs = SEL_CODE,
		.flags = X86_FLAGS_FIXED,
	};
	return regs;
}

int ftrace_regs_query_register_offset(const char *name)
{
	static const char *const names[] = { "bp", "cx", "dx", "ax", NULL, "ip" };

	for (unsigned int n = 0; n < ARRAY_SIZE(names); n++)
		if (names[n] && !strcmp(names[n], name))
			return (int)(n * sizeof(long));
	return -EINVAL;
}
_Static_assert(offsetof(struct ftrace_regs, ip) == 5 * sizeof(long), "its order is that of the names");

bool ftrace_unwind_regs(const struct pt_regs *regs, unsigned long *ip, unsigned long *parent_ip,
			unsigned long *fp)
{
	unsigned long pc = instruction_pointer(regs);
	const unsigned long *slot;

	if (!ftrace_is_trampoline(pc))
		return false;
	slot = (const unsigned long *)(kernel_stack_pointer(regs) + distance_at(pc));
	*ip = slot[0];
	*parent_ip = slot[1];
	*fp = frame_pointer(regs);
	if (!FTRACE_HAVE_ARGS)
		leave_frame(parent_ip, fp);
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

	/*
	 * word[2] is the argument; behind it what each trampoline saved besides struct ftrace_regs.
	 */
	if (word[1] == (unsigned long)ftrace_caller_return)
		fregs = (const struct ftrace_regs *)&word[3];
	else if (word[1] == (unsigned long)ftrace_assist_caller_return ||
		 word[1] == (unsigned long)ftrace_assist_caller_looked)
		fregs = (const struct ftrace_regs *)&word[4];
	else if (word[1] == (unsigned long)ftrace_set_caller_return)
		fregs = (const struct ftrace_regs *)&word[7];
	else if (FTRACE_HAVE_SAVE_REGS && word[1] == (unsigned long)ftrace_regs_caller_return)
		fregs = (const struct ftrace_regs *)((const struct ftrace_saved_regs *)&word[3] + 1);
	else
		return false;
	*ip = fregs->ip;
	*parent_ip = fregs->parent_ip;
	*fp = fregs->bp;
	if (!FTRACE_HAVE_ARGS)
		leave_frame(parent_ip, fp);
	return true;
}
