/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes glob_match(). The first line is a pattern, the others are names. The result must be that
 * of a matcher that works in another way: a table of how much of the one matches how much of the
 * other.
 */
#include "kernel/lib/glob.h"
#include "tests/host/fuzz/fuzz.h"
#include <stdlib.h>

#define MAX 64

/*
 * Returns the length of the class at @p, or 0 if it is not closed; *fits tells whether @c is in it.
 */
static size_t class(const char *p, size_t len, char c, bool *fits)
{
	size_t i = 1, first;
	bool invert = i < len && (p[i] == '!' || p[i] == '^');

	i += invert;
	*fits = false;
	for (first = i; i < len && (p[i] != ']' || i == first); i++) {
		if (i + 2 < len && p[i + 1] == '-' && p[i + 2] != ']') {
			*fits |= (u8)c >= (u8)p[i] && (u8)c <= (u8)p[i + 2];
			i += 2;
		} else {
			*fits |= c == p[i];
		}
	}
	*fits ^= invert;
	return i < len ? i + 1 : 0;
}

static bool reference(const char *p, size_t len, const char *name, size_t name_len)
{
	static bool reached[MAX + 1][MAX + 1];

	memset(reached, 0, sizeof(reached));
	/* reached[i][j]: the first i bytes of the pattern match the first j of the name. */
	reached[0][0] = true;
	for (size_t i = 0; i < len; i++) {
		for (size_t j = 0; j <= name_len; j++) {
			bool fits = j < name_len && (p[i] == '?' || p[i] == name[j]);
			size_t step = 1;

			if (!reached[i][j])
				continue;
			if (p[i] == '*') {
				for (size_t k = j; k <= name_len; k++)
					reached[i + 1][k] = true;
				continue;
			}
			if (p[i] == '\\' && i + 1 < len) {
				step = 2;
				fits = j < name_len && p[i + 1] == name[j];
			} else if (p[i] == '[') {
				bool in_class;
				size_t whole = class(p + i, len - i, j < name_len ? name[j] : 0,
						     &in_class);

				step = whole ? whole : 1;
				fits = j < name_len && (whole ? in_class : name[j] == '[');
			}
			if (fits)
				reached[i + step][j + 1] = true;
		}
	}
	return reached[len][name_len];
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	size_t len, line_len;
	char *line, *text = fuzz_line(&data, &size, &len);
	char *pattern = text ? malloc(len ? len : 1) : NULL;

	if (!text)
		return 0;
	memcpy(pattern, text, len);	/* a pattern is not terminated */
	free(text);
	while ((line = fuzz_line(&data, &size, &line_len))) {
		size_t name_len = strlen(line);
		bool match = glob_match(pattern, len, line);

		if (len <= MAX && name_len <= MAX)
			MUST(match == reference(pattern, len, line, name_len));
		free(line);
	}
	free(pattern);
	return 0;
}
