/* SPDX-License-Identifier: MIT */
/*
 * Slots for generated stubs: executable memory in branch reach of the kernel's text. The port
 * decides what is written into a slot (arch_ftrace_set_prepare()).
 */
#pragma once
#include "trace/kernel.h"

#define FTRACE_STUB_SIZE 32		/* bytes, and the alignment */

/*
 * alloc: returns the address of a slot of FTRACE_STUB_SIZE bytes, or 0 if there is no memory.
 * Thread context; the caller holds ftrace_lock.
 */
unsigned long ftrace_stub_alloc(void);
void ftrace_stub_free(unsigned long stub);
/*
 * Is @pc in a page of stubs? Any context, without a lock, because pages of stubs are never given
 * back.
 */
bool ftrace_stub_contains(unsigned long pc);
