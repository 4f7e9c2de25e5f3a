/* SPDX-License-Identifier: MIT */
/* What an address that a caller supplies is: whether it can be called, and whether it stays. */
#pragma once
#include "kernel/types.h"

/*
 * Why @addr cannot be called, as text for a message; NULL if it can. Code need not have a symbol,
 * since generated trampolines may have none. Start-up code is refused, because its memory is freed
 * after boot. Thread context.
 */
const char *code_address_problem(unsigned long addr);
/*
 * Tells whether @addr is in the image's data, where objects live for ever. Start-up data is not:
 * its memory is given back, and from then on belongs to whoever allocates it. Any context.
 */
bool core_kernel_data(unsigned long addr);
