/* SPDX-License-Identifier: MIT */
/*
 * What all trampolines of i386 share: their section, the table that tells the unwinder
 * where it is, and the way out. How the callable comes in: reach_stub.h or reach_literal.h.
 */
#pragma once
#include <asm/site_mode.h>
#if SITES_HAVE_LITERALS
#include "arch/i386/reach_literal.h"
#else
#include "arch/i386/reach_stub.h"
#endif
#include <asm/linkage.h>
#include <asm/asm-offsets.h>

	.section .ftrace.text, "ax", @progbits

/*
 * For an interrupt inside a trampoline the unwinder must know where `resume ip`
 * is. at_distance N says: from here on it is N bytes above esp.
 */
.macro at_distance bytes
	.pushsection .rodata.ftrace_distances, "a"
	.long	.Lhere\@, \bytes
	.popsection
.Lhere\@:
.endm

/* Out of the arguments that the callbacks saw or left, to direct_tramp if there is one, or ip. */
.macro leave_by_slot
	pop	%ecx
	at_distance 12
	pop	%edx
	at_distance 8
	pop	%eax
	at_distance 4
	cmpl	$0, (%esp)
	jne	1f
	add	$4, %esp			/* drop the empty slot */
	at_distance 0
	ret					/* to ip */
	at_distance 4
1:	ret					/* to the direct trampoline, which sees what a call from the site gives */
.endm
