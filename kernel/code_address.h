/* SPDX-License-Identifier: MIT */
/* A check whether an address that a caller supplies can be called as code. */
#pragma once

/*
 * Why @addr cannot be called, as text for a message; NULL if it can. Code need not have a symbol,
 * since generated trampolines may have none. Start-up code is refused, because its memory is freed
 * after boot. Thread context.
 */
const char *code_address_problem(unsigned long addr);
