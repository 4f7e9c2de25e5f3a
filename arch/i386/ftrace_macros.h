/* SPDX-License-Identifier: MIT */
/*
 * What the trampolines of i386 are made of. Both ports have the same macros:
 *
 *   save_arguments           builds struct ftrace_regs on the stack, which ends where the call from
 *                            the site has left its return address
 *   save_other_regs          builds struct ftrace_saved_regs below it, for SAVE_REGS
 *   load_callback_arguments  what the callback gets but fregs (reach_stub.h, reach_literal.h)
 *   call_callable            calls it
 *   restore_other_regs       what callbacks left in struct ftrace_saved_regs
 *   restore_arguments        what they left in struct ftrace_regs
 *   leave_by_slot            goes to direct_tramp if they left one, or to ip
 */
#pragma once
#include <asm/asm-offsets.h>
#include <asm/linkage.h>
#include <asm/site_mode.h>

	.section .ftrace.text, "ax", @progbits

/*
 * Wherever a trampoline is interrupted, or calls, the unwinder must know where the resume address
 * is: `distance` bytes above esp. Whatever moves esp is one of the macros below. They count, and
 * write down for the unwinder (ftrace.c) from which instruction on the distance is what it is.
 * at_distance by itself is for the beginning of code that only jumps lead to.
 */
.macro at_distance bytes
	.set	distance, \bytes
	.pushsection .rodata.ftrace_distances, "a"
	.long	.Lhere\@, distance
	.popsection
.Lhere\@:
.endm

.macro push_word value
	push	\value
	at_distance distance+4
.endm

.macro pop_word register
	pop	\register
	at_distance distance-4
.endm

.macro push_flags
	pushf
	at_distance distance+4
.endm

/* Changes the flags. */
.macro drop_words count
	add	$(4 * \count), %esp
	at_distance distance-4*\count
.endm

/* Drops what lies up to the word that is @bytes below the resume address. */
.macro drop_to_keep_flags bytes
	lea	(distance - (\bytes))(%esp), %esp
	at_distance \bytes
.endm

/* For a label that is jumped to: the distance here must be what it was there, @expected. */
.macro expect_distance expected
	.if	distance != \expected
	.error	"ways that meet here have esp at different places"
	.endif
.endm

/* struct ftrace_regs, and a field of it, wherever esp is: the resume address is its ip. */
#define FREGS_START (distance - FREGS_IP)(%esp)
#define FREGS(field) (distance - FREGS_IP + FREGS_##field)(%esp)
/* A field of struct ftrace_saved_regs, which lies below. */
#define SAVED(field) (distance - FREGS_IP - SAVED_REGS_SIZE + SAVED_##field)(%esp)

/* enter, load_callback_arguments */
#if SITES_HAVE_LITERALS
#include "arch/i386/reach_literal.h"
#else
#include "arch/i386/reach_stub.h"
#endif

.macro push_arguments
	push_word %eax
	push_word %edx
	push_word %ecx
.endm

.macro save_arguments
	enter
	push_word %ebp
.endm

/* bp, which lies below them, is not restored here: C keeps it, so most trampolines drop it. */
.macro restore_arguments
	pop_word %ecx
	pop_word %edx
	pop_word %eax
.endm

.macro save_callee_saved
	push_word %ebx
	push_word %esi
	push_word %edi
.endm

.macro restore_callee_saved
	pop_word %edi
	pop_word %esi
	pop_word %ebx
.endm

.macro save_other_regs
	push_flags
	save_callee_saved
.endm

/*
 * CF, PF, AF, ZF, SF and OF. `popf` would take tens of cycles, for the sake of flags that are as
 * they were: a callback returns with DF clear, and with the IF, TF, IOPL, NT, AC and ID that it
 * found; what it writes to them has no effect. SAHF takes the low byte of the flags from ah, and
 * leaves OF alone. In eax OF is bit 19 here, and no higher bit is set (IOPL, NT, AC and ID are 0
 * in a kernel), so that the sum is negative, which is an overflow, if OF is set. It leaves ah as
 * it is.
 */
.macro restore_flags
	imul	$0x100, SAVED(FLAGS), %eax
	add	$0x7ff80000, %eax
	sahf
.endm

/* Changes eax. Nothing that changes flags may come behind it. */
.macro restore_other_regs
	mov	SAVED(DI), %edi
	mov	SAVED(SI), %esi
	mov	SAVED(BX), %ebx
	restore_flags
.endm

/* eax: the site, edx: the function's return address. */
.macro load_site
	mov	FREGS(IP), %eax
	mov	FREGS(PARENT), %edx
	sub	$SITE_SIZE, %eax		/* resume address -> site */
.endm

/* void callback(ip: eax, parent_ip: edx, callable: ecx, fregs: the word at esp) */
.macro call_callable
	call	*CALLABLE_FUNC(%ecx)
.endm

/*
 * Runs the callbacks of the set in ebx, for fregs in esi, behind save_callee_saved. Kept: ebx, esi.
 */
.macro run_set
	mov	FREGS_IP(%esi), %eax
	sub	$SITE_SIZE, %eax		/* resume address -> site */
	push_word %eax
	.set	distance_of_site, distance
	mov	SET_NR_CALLS(%ebx), %edi
	push_word %esi				/* room for the argument: callees may write to it */
2:	mov	SET_CALLS(%ebx,%edi,4), %ecx
	mov	(distance - distance_of_site)(%esp), %eax
	mov	FREGS_PARENT(%esi), %edx
	mov	%esi, (%esp)
	call_callable
	dec	%edi
	jne	2b
	drop_words 2				/* the argument and the site */
.endm

/* esp points at the slot: the direct trampoline is entered with what a call from the site gives. */
.macro leave_by_slot
	.set	distance_of_slot, distance
	cmpl	$0, FREGS(DIRECT)
	jne	1f
	drop_words 1				/* the empty slot */
	ret					/* to ip */
	at_distance distance_of_slot
1:	ret					/* to direct_tramp, which the slot holds */
.endm
