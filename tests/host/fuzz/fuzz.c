/* SPDX-License-Identifier: MIT */
/* What the targets share, and what the simulated kernel (tests/host) needs of a test program. */
#include "tests/host/fuzz/fuzz.h"
#include <stdio.h>
#include <stdlib.h>
#include "tests/host/tap.h"

static void __attribute__((noreturn)) stop(const char *file, int line, const char *fmt,
					   va_list args)
{
	char text[400];

	vsnprintf(text, sizeof(text), fmt, args);
	fprintf(stderr, "%s:%d: %s\n", file, line, text);
	abort();
}

void fuzz_fail(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	stop(file, line, fmt, args);
}

void tap_fail(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	stop(file, line, fmt, args);
}

/* The kernel's log, which nobody reads here. */
void tap_note(const char *fmt, ...)
{
}

char *fuzz_line(const u8 **data, size_t *size, size_t *len)
{
	const u8 *end = *size ? memchr(*data, '\n', *size) : NULL;
	char *line;

	if (!*size)
		return NULL;
	*len = end ? (size_t)(end - *data) : *size;
	line = malloc(*len + 1);
	memcpy(line, *data, *len);
	line[*len] = '\0';
	*data += *len + !!end;
	*size -= *len + !!end;
	return line;
}
