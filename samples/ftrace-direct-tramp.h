/* SPDX-License-Identifier: MIT */
/*
 * Direct trampolines for the samples: assembly that a traced function calls at its entry, and that
 * calls a C function. That one gets the traced function's arguments or, with _IP, the traced
 * function's address. Every register that could hold an argument is kept, and the stack is left as
 * it was, because the traced function must not notice anything.
 */
#ifndef FTRACE_DIRECT_TRAMP_H
#define FTRACE_DIRECT_TRAMP_H

#include <linux/kconfig.h>

#if defined(CONFIG_X86_32)
/*
 * The site enters it by a call: (%esp) is where the traced function resumes, 4(%esp) is where it
 * returns to, and eax, edx and ecx are its first arguments (-mregparm=3).
 */
#define DIRECT_TRAMP_BODY(name, func, first_argument)			\
	asm("	.pushsection	.text, \"ax\", @progbits\n"		\
	    "	.type		" #name ", @function\n"			\
	    #name ":\n"							\
	    "	pushl	%ebp\n"						\
	    "	movl	%esp, %ebp\n"					\
	    "	pushl	%eax\n"						\
	    "	pushl	%edx\n"						\
	    "	pushl	%ecx\n"						\
	    first_argument						\
	    "	call	" #func "\n"					\
	    "	popl	%ecx\n"						\
	    "	popl	%edx\n"						\
	    "	popl	%eax\n"						\
	    "	popl	%ebp\n"						\
	    "	ret\n"							\
	    "	.size		" #name ", . - " #name "\n"		\
	    "	.popsection\n")
#define DIRECT_TRAMP(name, func) DIRECT_TRAMP_BODY(name, func, "")
#define DIRECT_TRAMP_IP(name, func)					\
	DIRECT_TRAMP_BODY(name, func, "	movl	4(%ebp), %eax\n")

#elif defined(CONFIG_ARM64)
/*
 * The site enters it by a BL: x30 is where the traced function resumes, x9 is where it returns to,
 * and x0-x8 are its arguments. It must leave with the old x9 in x30.
 */
#define DIRECT_TRAMP_BODY(name, func, first_argument)			\
	asm("	.pushsection	.text, \"ax\", @progbits\n"		\
	    "	.balign		8\n"					\
	    "	.type		" #name ", @function\n"			\
	    #name ":\n"							\
	    "	hint	34\n"			/* bti c */		\
	    "	stp	x29, x9, [sp, #-16]!\n"	/* the caller's frame */	\
	    "	mov	x29, sp\n"					\
	    "	stp	x29, x30, [sp, #-96]!\n"	/* the traced one's */	\
	    "	mov	x29, sp\n"					\
	    "	stp	x0, x1, [sp, #16]\n"				\
	    "	stp	x2, x3, [sp, #32]\n"				\
	    "	stp	x4, x5, [sp, #48]\n"				\
	    "	stp	x6, x7, [sp, #64]\n"				\
	    "	stp	x8, x18, [sp, #80]\n"				\
	    first_argument						\
	    "	bl	" #func "\n"					\
	    "	ldp	x8, x18, [sp, #80]\n"				\
	    "	ldp	x6, x7, [sp, #64]\n"				\
	    "	ldp	x4, x5, [sp, #48]\n"				\
	    "	ldp	x2, x3, [sp, #32]\n"				\
	    "	ldp	x0, x1, [sp, #16]\n"				\
	    "	ldr	x10, [sp, #8]\n"				\
	    "	ldp	x29, x30, [sp, #96]\n"				\
	    "	add	sp, sp, #112\n"					\
	    "	ret	x10\n"						\
	    "	.size		" #name ", . - " #name "\n"		\
	    "	.popsection\n")
#define DIRECT_TRAMP(name, func) DIRECT_TRAMP_BODY(name, func, "")
#define DIRECT_TRAMP_IP(name, func) DIRECT_TRAMP_BODY(name, func, "	mov	x0, x30\n")

#else
#error "no direct trampoline for this architecture"
#endif

#endif
