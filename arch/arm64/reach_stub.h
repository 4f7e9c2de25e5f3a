/* SPDX-License-Identifier: MIT */
/* The callable is in x17: the site's BL went to the stub of its set (reach_stub.c). */
#pragma once
#include <asm/asm-offsets.h>

/* callback(ip: x0, parent_ip: x1, callable: x2, fregs: x3). x30 and x9 are the site's still. */
.macro call_callable
	sub	x0, x30, #4
	mov	x2, x17
	mov	x1, x9
	ldr	x16, [x2, #CALLABLE_FUNC]
	blr	x16
.endm
