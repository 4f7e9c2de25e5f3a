/* SPDX-License-Identifier: MIT */
/*
 * A direct trampoline as a client would write it: PEER_TRAMP(tramp, target) makes the function
 * @tramp, which saves the traced function's arguments, calls @target, and goes on.
 */
#pragma once

#ifdef CONFIG_X86_32
#define PEER_TRAMP(tramp, target)					\
	asm(".pushsection .text, \"ax\", @progbits\n"			\
	    ".balign 16\n"						\
	    ".globl " #tramp "\n.type " #tramp ", @function\n"		\
	    #tramp ":\n"						\
	    "	pushl %eax\n	pushl %edx\n	pushl %ecx\n"		\
	    "	call " #target "\n"					\
	    "	popl %ecx\n	popl %edx\n	popl %eax\n"		\
	    "	ret\n"							\
	    ".size " #tramp ", .-" #tramp "\n"				\
	    ".popsection\n")
#endif
#ifdef CONFIG_ARM64
/* On entry x9 is the tracee's own return address, and x30 is where the tracee goes on. */
#define PEER_TRAMP(tramp, target)					\
	asm(".pushsection .text, \"ax\", @progbits\n"			\
	    ".balign 16\n"						\
	    ".globl " #tramp "\n.type " #tramp ", %function\n"		\
	    #tramp ":\n"						\
	    "	stp x29, x30, [sp, #-96]!\n"				\
	    "	mov x29, sp\n"						\
	    "	stp x0, x1, [sp, #16]\n"				\
	    "	stp x2, x3, [sp, #32]\n"				\
	    "	stp x4, x5, [sp, #48]\n"				\
	    "	stp x6, x7, [sp, #64]\n"				\
	    "	stp x8, x9, [sp, #80]\n"				\
	    "	bl " #target "\n"					\
	    "	ldp x0, x1, [sp, #16]\n"				\
	    "	ldp x2, x3, [sp, #32]\n"				\
	    "	ldp x4, x5, [sp, #48]\n"				\
	    "	ldp x6, x7, [sp, #64]\n"				\
	    "	ldp x8, x30, [sp, #80]\n"				\
	    "	ldp x29, x10, [sp], #96\n"				\
	    "	ret x10\n"						\
	    ".size " #tramp ", .-" #tramp "\n"				\
	    ".popsection\n")
#endif
