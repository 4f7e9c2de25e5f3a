/* SPDX-License-Identifier: MIT */
/*
 * The boot data and the options on the kernel's command line. Words are
 * separated by blanks; a value with blanks is put in double quotes, as on Linux:
 * name="a b" or "name=a b". The last one of several wins.
 */
#include "kernel/boot_info.h"
#include "kernel/compiler.h"
#include "kernel/string.h"

struct boot_info boot_info;

/* End of the word at @s: the blank that is outside quotes, or the terminator. */
static const char *word_end(const char *s)
{
	bool quoted = false;

	for (; *s && (quoted || (*s != ' ' && *s != '\t')); s++) {
		if (*s == '"')
			quoted = !quoted;
	}
	return s;
}

/* Copy [s, end) without its quotes. */
static void copy_value(char *buf, size_t size, const char *s, const char *end)
{
	size_t len = 0;

	for (; s < end && len + 1 < size; s++) {
		if (*s != '"')
			buf[len++] = *s;
	}
	if (size)
		buf[len] = '\0';
}

bool boot_param(const char *name, char *buf, size_t size)
{
	size_t name_len = strlen(name);
	const char *s = boot_info.cmdline;
	bool found = false;

	for (;;) {
		const char *end, *key;

		while (*s == ' ' || *s == '\t')
			s++;
		if (!*s)
			return found;
		end = word_end(s);
		key = *s == '"' ? s + 1 : s;
		if (!strncmp(key, name, name_len) && key + name_len <= end) {
			const char *after = key + name_len;

			if (*after == '=' || after == end || (*after == '"' && after + 1 == end)) {
				copy_value(buf, size, after + (*after == '='), end);
				found = true;
			}
		}
		s = end;
	}
}
