/* SPDX-License-Identifier: MIT */
/*
 * The return trampoline of i386: where a function returns whose return address the graph's entry
 * hook (trace/tracers/fgraph.c) has replaced. It is never freed, because threads may sleep in such
 * functions for any time. Read ftrace_macros.h with it.
 */
#include "arch/i386/ftrace_macros.h"

/*
 * void ftrace_return_to_handler(fregs: eax)
 *
 * In:   eax, or edx:eax, the function's result; esp as the function's `ret` leaves it, just above
 *       the word that held the return address.
 * Kept: all but ecx and the flags, which no caller counts on behind a call.
 *
 * What is built here is struct ftrace_regs, with parent_ip in the very word that held the return
 * address. It is 0 until C has stored the true address there. Leaves by a jump, because the `ret`
 * that came here has used up the entry of the call in the processor's stack of return addresses.
 *
 *   +0 bp cx dx ax | +16 direct_tramp | +20 ip | +24 parent_ip
 */
SYM_TRAMPOLINE_START(return_to_handler)
	at_distance -4				/* from esp to parent_ip; elsewhere it is to ip */
	push_word $0				/* parent_ip: not known yet */
	push_word $0				/* ip */
	push_word $0				/* direct_tramp */
	push_word %eax
	push_word %edx
	push_word %ecx
	push_word %ebp
	mov	%esp, %eax
	call	ftrace_return_to_handler
	drop_words 2				/* bp, which C kept, and cx */
	pop_word %edx
	pop_word %eax
	drop_words 2				/* direct_tramp and ip */
	pop_word %ecx				/* parent_ip */
	jmp	*%ecx
SYM_FUNC_END(return_to_handler)
	.globl	return_to_handler_end
return_to_handler_end:
