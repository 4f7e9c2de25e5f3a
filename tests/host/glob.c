/* SPDX-License-Identifier: MIT */
/*
 * Patterns for function names: a table of cases, and every short pattern compared with a simple
 * matcher.
 */
#include "kernel/lib/glob.h"
#include "tests/host/tap.h"

static const struct {
	const char *pattern, *name;
	bool match;
} cases[] = {
	{ "vfs_read", "vfs_read", true },	{ "vfs_read", "vfs_readv", false },
	{ "vfs_read", "xvfs_read", false },	{ "", "", true },
	{ "", "a", false },			{ "*", "", true },
	{ "*", "anything", true },		{ "vfs_*", "vfs_write", true },
	{ "vfs_*", "vfs_", true },		{ "vfs_*", "vf", false },
	{ "*_read", "vfs_read", true },		{ "*_read", "vfs_read_x", false },
	{ "*read*", "do_readv", true },		{ "*read*", "write", false },
	{ "v*s*d", "vfs_read", true },		{ "v*s*d", "vfs_rea", false },
	{ "a**b", "ab", true },			{ "a?c", "abc", true },
	{ "a?c", "ac", false },			{ "?", "", false },
	{ "[abc]x", "bx", true },		{ "[abc]x", "dx", false },
	{ "[a-f]x", "ex", true },		{ "[!a-f]x", "ex", false },
	{ "[!a-f]x", "zx", true },		{ "[^a-f]x", "zx", true },
	{ "[]a]", "]", true },			{ "[]a]", "a", true },
	{ "[a-]", "-", true },			{ "[a", "[a", true },
	{ "[a", "a", false },			{ "a\\*", "a*", true },
	{ "a\\*", "ab", false },		{ "\\\\", "\\", true },
	{ "a\\", "a\\", true },			{ "*[0-9]", "irq7", true },
	{ "*[0-9]", "irq", false },		{ "Vfs", "vfs", false },
};

TEST(table)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (glob_match(cases[i].pattern, strlen(cases[i].pattern), cases[i].name) !=
		    cases[i].match)
			tap_fail(__FILE__, __LINE__, "\"%s\" against \"%s\" should be %d",
				 cases[i].pattern, cases[i].name, cases[i].match);
}

/* Matches exactly as the definition says. It only knows * and ?. */
static bool naive(const char *p, const char *name)
{
	if (!*p)
		return !*name;
	if (*p == '*')
		return naive(p + 1, name) || (*name && naive(p, name + 1));
	return *name && (*p == '?' || *p == *name) && naive(p + 1, name + 1);
}

static void nth_string(char *buf, u32 n, const char *alphabet)
{
	u32 base = (u32)strlen(alphabet);

	for (; n; n = (n - 1) / base)
		*buf++ = alphabet[(n - 1) % base];
	*buf = '\0';
}

TEST(all_short_patterns_and_names)
{
	char pattern[8], name[8], exact[8];
	u32 p, n;

	for (p = 0; p < 1365; p++) {
		nth_string(pattern, p, "ab*?");
		for (n = 0; n < 127; n++) {
			nth_string(name, n, "ab");
			/* The copy is not terminated, so ASan notices a read past its end. */
			memcpy(exact, pattern, strlen(pattern));
			if (glob_match(exact, strlen(pattern), name) != naive(pattern, name))
				tap_fail(__FILE__, __LINE__, "\"%s\" against \"%s\"", pattern,
					 name);
		}
	}
}

TEST(many_stars_take_no_exponential_time)
{
	static const char pattern[] = "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b";
	char name[2001];

	memset(name, 'a', 2000);
	name[2000] = '\0';
	EXPECT(!glob_match(pattern, sizeof(pattern) - 1, name));
}

TEST(random_bytes_stay_inside_the_pattern)
{
	static const char alphabet[] = "ab*?[]!^-\\";
	char pattern[13], name[12];
	unsigned int i, j, len;
	bool match;

	for (i = 0; i < 50000; i++) {
		len = tap_below(sizeof(pattern));
		for (j = 0; j < len; j++)
			pattern[j] = alphabet[tap_below(sizeof(alphabet) - 1)];
		for (j = 0; j < sizeof(name) - 1; j++)
			name[j] = "ab]-"[tap_below(4)];
		name[tap_below(sizeof(name))] = '\0';
		name[sizeof(name) - 1] = '\0';
		/* What follows the pattern must not matter. */
		memset(pattern + len, ']', sizeof(pattern) - len);
		match = glob_match(pattern, len, name);
		memset(pattern + len, '*', sizeof(pattern) - len);
		if (glob_match(pattern, len, name) != match)
			tap_fail(__FILE__, __LINE__, "\"%.*s\" against \"%s\"", (int)len, pattern,
				 name);
	}
}
