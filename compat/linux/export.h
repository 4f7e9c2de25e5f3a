/* SPDX-License-Identifier: MIT */
/* Linux name of exporting symbols. Modules may use every global symbol of the kernel: nothing to do. */
#pragma once

#define EXPORT_SYMBOL(symbol) _Static_assert(1, "")
#define EXPORT_SYMBOL_GPL(symbol) _Static_assert(1, "")
