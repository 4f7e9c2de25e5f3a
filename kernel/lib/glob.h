/* SPDX-License-Identifier: MIT */
/* Shell-style patterns, for names of functions and files. Any context. */
#pragma once
#include "kernel/types.h"

/*
 * Does the whole of @name match @pattern (@len bytes)? `*` matches any number of characters, `?`
 * any one, `[a-z]` one of a class, `[!a-z]` one that is not in the class; after `\` a character
 * stands for itself. So does the `[` of a class that is not closed. Case matters.
 */
bool glob_match(const char *pattern, size_t len, const char *name);
/* The same for a name that ends at a NUL or after @name_size bytes. */
bool glob_match_bounded(const char *pattern, size_t len, const char *name, size_t name_size);
