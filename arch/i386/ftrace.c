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
#include "trace/core/hidden.h"
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

u64 arch_ftrace_jump(unsigned long ip, unsigned long target)
{
	return target ? JMP_OPCODE | (u64)(u32)(target - ip - FTRACE_INSN_SIZE) << 8 : NOP5;
}

void arch_function_trace_buffer(unsigned int cpu, struct ring_buffer_per_cpu *cpu_buffer)
{
	WRITE_ONCE(i386_cpu_of(cpu)->sequence_buffer, cpu_buffer);
}

void arch_graph_trace_buffer(unsigned int cpu, struct ring_buffer_per_cpu *cpu_buffer)
{
	WRITE_ONCE(i386_cpu_of(cpu)->graph_buffer, cpu_buffer);
}

static bool in_trampoline_text(unsigned long pc)
{
	return pc >= (unsigned long)__ftrace_text_start && pc < (unsigned long)__ftrace_text_end;
}

bool ftrace_is_trampoline(unsigned long pc)
{
	return in_trampoline_text(pc) || ftrace_stub_contains(pc);
}

/*
 * A stub that calls its trampoline is at its second instruction when that has returned. Others push
 * four words first: by an instruction of two bytes, and three of one.
 */
static unsigned long distance_in_stub(unsigned long stub, unsigned long pc)
{
	unsigned long at = pc - stub;

	return !at || *(const u8 *)stub == CALL_OPCODE ? 0 : 4 * min(at - 1, 4ul);
}

/* How far above esp the resume address is when the instruction at @pc is next. */
static unsigned long distance_at(unsigned long pc)
{
	const struct distance *d = __start_ftrace_distances;
	unsigned long bytes = 0;

	if (!in_trampoline_text(pc))
		return distance_in_stub(pc & ~(FTRACE_STUB_SIZE - 1ul), pc);
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

/* Is @pc inside the return trampolines, behind the addresses that hide return addresses? */
static bool in_return_trampoline(unsigned long pc)
{
	return pc - (unsigned long)return_to_handler < FTRACE_RETURN_SIZE;
}

/*
 * @resume is where the traced function's resume address is on the stack, and @bp what ebp was at
 * its site.
 */
static void unwind_site(const unsigned long *resume, unsigned long bp, struct ftrace_unwound *u)
{
	/* hook=mcount: at its site the function has its frame {caller's ebp, return address}. */
	const unsigned long *frame = (const unsigned long *)bp;

	u->ip = resume[0];
	u->slot = FTRACE_HAVE_ARGS ? resume + 1 : frame + 1;
	/* A graph user that was interrupted may be about to hide it: both values are right. */
	u->parent_ip = READ_ONCE(*u->slot);
	u->fp = FTRACE_HAVE_ARGS ? bp : frame[0];
}

/*
 * The traced function has returned, and @slot held its return address. The trampoline's first
 * instruction makes that word its own: 0 until the true address is in it.
 */
static void unwind_return(const unsigned long *slot, unsigned long parent_ip, unsigned long bp,
			  struct ftrace_unwound *u)
{
	*u = (struct ftrace_unwound){ .slot = slot, .fp = bp, .parent_ip = parent_ip };
	if (!parent_ip)
		u->parent_ip = (unsigned long)return_to_handler;
}

bool ftrace_unwind_regs(const struct pt_regs *regs, struct ftrace_unwound *u)
{
	unsigned long pc = instruction_pointer(regs), parent_ip = 0;
	const unsigned long *at;

	if (!ftrace_is_trampoline(pc))
		return false;
	at = (const unsigned long *)(kernel_stack_pointer(regs) + distance_at(pc));
	if (!in_return_trampoline(pc)) {
		unwind_site(at, frame_pointer(regs), u);
		return true;
	}
	/* At the first instruction the word is below esp, at the last one its value is in ecx. */
	if ((unsigned long)at >= kernel_stack_pointer(regs))
		parent_ip = *at;
	else if (!ftrace_hides_return(pc))
		parent_ip = regs->cx;
	unwind_return(at, parent_ip, frame_pointer(regs), u);
	return true;
}

/*
 * The C function's frame is {saved ebp, return address}, then what the trampoline had pushed when
 * it called: esp was there. C may have changed ebp since, but struct ftrace_regs has it, and its ip
 * is the resume address.
 */
bool ftrace_unwind_frame(unsigned long frame, unsigned long ret, struct ftrace_unwound *u)
{
	const unsigned long *word = (const unsigned long *)frame;
	const struct ftrace_regs *fregs;
	const unsigned long *at;

	if (!in_trampoline_text(ret))
		return false;
	/*
	 * How much a trampoline has pushed when it calls is known for each of its calls, so the
	 * return address tells how far the site's own frame is.
	 */
	at = (const unsigned long *)((unsigned long)&word[2] + distance_at(ret));
	if (in_return_trampoline(ret)) {
		fregs = container_of(at, struct ftrace_regs, parent_ip);
		unwind_return(at, *at, fregs->bp, u);
	} else {
		fregs = container_of(at, struct ftrace_regs, ip);
		unwind_site(at, fregs->bp, u);
	}
	return true;
}
