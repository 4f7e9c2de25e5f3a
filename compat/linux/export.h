/* SPDX-License-Identifier: MIT */
/* Linux name of exporting symbols. Every global symbol of the kernel is: nothing to do. */
#pragma once

#define EXPORT_SYMBOL(symbol) _Static_assert(1, "")
#define EXPORT_SYMBOL_GPL(symbol) _Static_assert(1, "")
