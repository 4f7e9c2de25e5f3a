/* SPDX-License-Identifier: MIT */
/*
 * struct pt_regs: the registers that an exception or interrupt found, as
 * entry.S pushes them.
 *
 * A kernel-mode exception does not push ss:esp: its frame lies directly under
 * the interrupted stack. The exception entry therefore copies the frame five
 * words further down, and the way out copies it back to just below regs->sp.
 * Between the two, sp may be moved: that is how the breakpoint handler performs
 * a `call` on behalf of the code that it interrupted (i386_emulate_push()).
 *
 *   low                                                                         high
 *   bx cx dx si di bp ax sp vector error ip cs flags | 5 words of room | <- sp at the exception
 *
 * Device interrupts have the same struct without the room; there sp may only be read.
 */
#pragma once
#include "kernel/types.h"

struct pt_regs {
	unsigned long bx, cx, dx, si, di, bp, ax;
	unsigned long sp;	/* of the interrupted code, as it was before the exception */
	unsigned long vector, error_code;
	unsigned long ip, cs, flags;
};

#define X86_FLAGS_IF 0x200ul
#define X86_FLAGS_FIXED 0x2ul		/* always set */

/*
 * Push @value on the interrupted stack, from an exception handler. At most two words an
 * exception: the frame that goes back needs the other three.
 */
static inline void i386_emulate_push(struct pt_regs *regs, unsigned long value)
{
	regs->sp -= sizeof(value);
	*(unsigned long *)regs->sp = value;
}

/* Continue the interrupted code as if it had just executed `call @target` at @return_ip - 5. */
static inline void i386_emulate_call(struct pt_regs *regs, unsigned long return_ip,
				     unsigned long target)
{
	i386_emulate_push(regs, return_ip);
	regs->ip = target;
}

/*
 * A breakpoint was hit: @regs->ip is after the int3. True when the handler knew it and has
 * set @regs to continue. Interrupts off, any context, untraced. Supplied by patch.c.
 */
bool i386_int3_handler(struct pt_regs *regs);
