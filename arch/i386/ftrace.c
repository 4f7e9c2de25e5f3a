/* SPDX-License-Identifier: MIT */
/*
 * What sites of i386 have in common, and unwinding through trampolines. A site is a five-byte NOP
 * or `call rel32`, the first instruction of its function (behind an endbr32 if there is one), or
 * with hook=mcount the first behind its prologue. How the compiler made it is in site.c and
 * site_mcount.c, how it reaches its set in reach_*.c.
 */
#include "arch/i386/i386.h"
#include "arch/i386/site.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "trace/arch.h"
#include "trace/core/stub.h"
#include <asm/cpu.h>
#include <asm/ptrace.h>

extern const char __ftrace_text_start[], __ftrace_text_end[];

/* See at_distance in ftrace_macros.h. */
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
_Static_assert(offsetof(struct ftrace_regs, ip) == 5 * sizeof(long),
	       "its order is that of the names");

/*
 * @resume is where the traced function's resume address is on the stack, and @bp what ebp was at
 * its site.
 */
static void unwind_site(const unsigned long *resume, unsigned long bp, unsigned long *ip,
			unsigned long *parent_ip, unsigned long *fp)
{
	/* hook=mcount: at its site the function has its frame {caller's ebp, return address}. */
	const unsigned long *frame = (const unsigned long *)bp;

	*ip = resume[0];
	*parent_ip = FTRACE_HAVE_ARGS ? resume[1] : frame[1];
	*fp = FTRACE_HAVE_ARGS ? bp : frame[0];
}

bool ftrace_unwind_regs(const struct pt_regs *regs, unsigned long *ip, unsigned long *parent_ip,
			unsigned long *fp)
{
	unsigned long pc = instruction_pointer(regs), sp = kernel_stack_pointer(regs);

	if (!ftrace_is_trampoline(pc))
		return false;
	unwind_site((const unsigned long *)(sp + distance_at(pc)), frame_pointer(regs), ip,
		    parent_ip, fp);
	return true;
}

/*
 * The C function's frame is {saved ebp, return address}, then what the trampoline had pushed when
 * it called: esp was there. C may have changed ebp since, but struct ftrace_regs has it, and its ip
 * is the resume address.
 */
bool ftrace_unwind_frame(unsigned long frame, unsigned long *ip, unsigned long *parent_ip,
			 unsigned long *fp)
{
	const unsigned long *word = (const unsigned long *)frame;
	const struct ftrace_regs *fregs;

	if (!in_trampoline_text(word[1]))
		return false;
	fregs = container_of((unsigned long)&word[2] + distance_at(word[1]), struct ftrace_regs,
			     ip);
	unwind_site(&fregs->ip, fregs->bp, ip, parent_ip, fp);
	return true;
}
