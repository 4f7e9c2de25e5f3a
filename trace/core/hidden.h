/* SPDX-License-Identifier: MIT */
/* Return addresses that the function graph has hidden. */
#pragma once
#include "trace/arch.h"

/* Is @ret no true return address, but that of a return trampoline, which stands in for one? */
static __always_inline bool ftrace_hides_return(unsigned long ret)
{
	return !((ret - (unsigned long)return_to_handler) & ~(unsigned long)FTRACE_RETURN_OTHER);
}
