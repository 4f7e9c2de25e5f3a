/* SPDX-License-Identifier: MIT */
/*
 * Shell-style pattern matching without recursion: on a mismatch it goes back
 * to the last `*` and lets it swallow one character more, which is enough
 * because an earlier `*` never needs to swallow more than it did.
 */
#include "kernel/lib/glob.h"

/*
 * Match @c against the class whose first byte after `[` is @p. Returns the byte
 * behind the closing `]`, or NULL when there is none.
 */
static const char *match_class(const char *p, const char *end, char c, bool *matched)
{
	bool negate = p < end && (*p == '!' || *p == '^');
	const char *first = p += negate;

	*matched = negate;
	/* A closing bracket right behind the opening one is a member of the class. */
	for (; p < end && (*p != ']' || p == first); p++) {
		unsigned char low = (unsigned char)*p, high = low;

		if (p + 2 < end && p[1] == '-' && p[2] != ']') {
			high = (unsigned char)p[2];
			p += 2;
		}
		if ((unsigned char)c >= low && (unsigned char)c <= high)
			*matched = !negate;
	}
	return p < end ? p + 1 : NULL;
}

/* Match one pattern element, not `*`, against @c; the next element or NULL. */
static const char *match_one(const char *p, const char *end, char c)
{
	const char *next;
	bool matched;

	switch (*p) {
	case '?':
		return p + 1;
	case '[':
		next = match_class(p + 1, end, c, &matched);
		/* A class that is not closed falls through, and `[` stands for itself. */
		if (next)
			return matched ? next : NULL;
		break;
	case '\\':
		if (p + 1 < end)
			p++;
		break;
	}
	return *p == c ? p + 1 : NULL;
}

bool glob_match(const char *pattern, size_t len, const char *name)
{
	const char *end = pattern + len;
	const char *star = NULL, *star_name = NULL;

	while (*name) {
		const char *next;

		if (pattern < end && *pattern == '*') {
			star = ++pattern;
			star_name = name;
			continue;
		}
		next = pattern < end ? match_one(pattern, end, *name) : NULL;
		if (next) {
			pattern = next;
			name++;
		} else if (star) {
			/* Back to the latest star, which swallows one character more. */
			pattern = star;
			name = ++star_name;
		} else {
			return false;
		}
	}
	while (pattern < end && *pattern == '*')
		pattern++;
	return pattern == end;
}
