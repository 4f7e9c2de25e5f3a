/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes grep's regular expressions: the first line has flags, the second the expression, the
 * others texts.
 */
#include "kernel/lib/errno.h"
#include "kernel/shell/regex.h"
#include "tests/host/fuzz/fuzz.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	unsigned int flags = size ? *data & (REGEX_EXTENDED | REGEX_IGNORE_CASE) : 0;
	struct regex *re = malloc(sizeof(*re));
	const char *error = NULL;
	char *line, *pattern;
	size_t len;
	int err = -EINVAL;

	data += !!size;
	size -= !!size;
	pattern = fuzz_line(&data, &size, &len);
	if (pattern) {
		err = regex_compile(re, pattern, flags, &error);
		MUST(!err || (err == -EINVAL && error && *error));
	}
	while (!err && (line = fuzz_line(&data, &size, &len))) {
		char *text = malloc(len ? len : 1);	/* a text is not terminated */

		memcpy(text, line, len);
		regex_match(re, text, len);
		free(text);
		free(line);
	}
	free(pattern);
	free(re);
	return 0;
}
