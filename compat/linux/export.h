/* SPDX-License-Identifier: MIT */
/*
 * Linux's header for exporting symbols. Every global symbol of the kernel is exported anyway, so
 * the macros do nothing.
 */
#pragma once

#define EXPORT_SYMBOL(symbol) _Static_assert(1, "")
#define EXPORT_SYMBOL_GPL(symbol) _Static_assert(1, "")
