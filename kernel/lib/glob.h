/* SPDX-License-Identifier: MIT */
/* Shell-style patterns, for names of functions and files. Pure; any context. */
#pragma once
#include "kernel/types.h"

/*
 * Does the whole of @name match @pattern (@len bytes)? `*` any run, `?` any one,
 * `[a-z]` and `[!a-z]` classes, `\` takes the next character as it is. A class that is
 * not closed stands for a plain `[`. Case matters.
 */
bool glob_match(const char *pattern, size_t len, const char *name);
