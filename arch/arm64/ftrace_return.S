/* SPDX-License-Identifier: MIT */
/*
 * ftrace_override_function_with_return() resumes here: returns to the parent in the traced
 * function's place. That is x30, which another callback may have changed since.
 */
#include <asm/linkage.h>

	.text
SYM_FUNC_START ftrace_return_stub
	ret
SYM_FUNC_END ftrace_return_stub
