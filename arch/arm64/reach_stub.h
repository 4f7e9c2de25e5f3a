/* SPDX-License-Identifier: MIT */
/* The callable is in x17: the site's BL went to the stub of its set (reach_stub.c). */
#pragma once
#include <asm/asm-offsets.h>

/* ip: x0, parent_ip: x1, callable: x2. x30 and x9 are the site's still. */
.macro load_callback_arguments
	sub	x0, x30, #SITE_SIZE		/* resume address -> site */
	mov	x2, x17
	mov	x1, x9
.endm

/* Enter ftrace_caller as if by the stub of a set with the callable @word alone. */
.macro enter_ftrace_caller word
	adrp	x17, \word
	add	x17, x17, #:lo12:\word
	b	ftrace_caller
.endm
