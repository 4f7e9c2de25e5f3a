/* SPDX-License-Identifier: MIT */
/*
 * What the libFuzzer targets share. A target is one function that takes any bytes; besides the
 * sanitizers' findings, whatever a MUST() finds wrong is a finding. See docs/testing.md.
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
 * The next line of the text at *@data, which has *@size bytes: a terminated copy at the end of its
 * own allocation, to be freed. *@len is its length: NULs may be in it. NULL when there is none.
 */
char *fuzz_line(const u8 **data, size_t *size, size_t *len);
