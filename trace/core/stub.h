/* SPDX-License-Identifier: MIT */
/*
 * Slots for generated stubs: executable, in branch reach of the kernel's text.
 * What goes into a slot is the port's business (arch_ftrace_set_prepare()).
 */
#pragma once
#include "trace/kernel.h"

#define FTRACE_STUB_SIZE 32		/* bytes, and the alignment */

/* A slot of FTRACE_STUB_SIZE bytes, or 0. ftrace_lock held; so for free. */
unsigned long ftrace_stub_alloc(void);
void ftrace_stub_free(unsigned long stub);
/* Is @pc in a page of stubs? Any context, no lock: pages of stubs are never given back. */
bool ftrace_stub_contains(unsigned long pc);
