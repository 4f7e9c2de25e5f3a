/* SPDX-License-Identifier: MIT */
/* Can an address that somebody hands in be called? */
#pragma once

/*
 * Why @addr cannot be called, in words; NULL if it can. Code need not have a symbol: generated
 * trampolines have none. Start-up code is refused, because its memory is given back. Thread
 * context.
 */
const char *code_address_problem(unsigned long addr);
