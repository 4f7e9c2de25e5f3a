/* SPDX-License-Identifier: MIT */
/*
 * Shell-style pattern matching without recursion. After a mismatch it goes back to the last `*` and
 * lets that match one character more. This is enough, because an earlier `*` never needs to match
 * more than it already does.
 */
#include "kernel/lib/glob.h"

/*
 * Match @c against the class that begins at @p, after its `[`. Returns the position after the
 * closing `]`, or NULL if there is none.
 */
static const char *match_class(const char *p, const char *end, char c, bool *matched)
{
	bool negate = p < end && (*p == '!' || *p == '^');
	const char *first = p += negate;

	*matched = negate;
	/* A closing bracket as the first member belongs to the class. */
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

/* Match @c against the element at @p, which is not `*`. Returns the next element, or NULL. */
static const char *match_one(const char *p, const char *end, char c)
{
	const char *next;
	bool matched;

	switch (*p) {
	case '?':
		return p + 1;
	case '[':
		next = match_class(p + 1, end, c, &matched);
		/* If the class is not closed, its `[` stands for itself. */
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

/* @name ends at a NUL, or at @name_end. */
static bool match(const char *pattern, size_t len, const char *name, const char *name_end)
{
	const char *end = pattern + len;
	const char *star = NULL, *star_name = NULL;

	while (name != name_end && *name) {
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
			/* Go back to the latest star, and let it match one character more. */
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

bool glob_match(const char *pattern, size_t len, const char *name)
{
	return match(pattern, len, name, NULL);
}

bool glob_match_bounded(const char *pattern, size_t len, const char *name, size_t name_size)
{
	return match(pattern, len, name, name + name_size);
}
