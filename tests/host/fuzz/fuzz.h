/* SPDX-License-Identifier: MIT */
/*
 * What the libFuzzer targets share. A target is a function that takes any bytes. Besides the
 * sanitizers, each MUST() that is not true makes the input a finding. See docs/testing.md.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/lib/string.h"
#include "kernel/types.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

__printf(3, 4) __attribute__((noreturn))
void fuzz_fail(const char *file, int line, const char *fmt, ...);
#define MUST(cond) do {								\
	if (!(cond))								\
		fuzz_fail(__FILE__, __LINE__, "not true: %s", #cond);		\
} while (0)

/*
 * Returns the next line of the text at *@data, which has *@size bytes: a terminated copy at the end
 * of an allocation of its own, which the caller frees. *@len is its length, because there may be
 * NULs in it. Returns NULL if there is no line.
 */
char *fuzz_line(const u8 **data, size_t *size, size_t *len);
