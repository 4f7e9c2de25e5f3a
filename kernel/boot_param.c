/* SPDX-License-Identifier: MIT */
/*
 * The boot data, which the port fills in, and the parameters on the kernel's command line. Words
 * are separated by blanks; a value that contains blanks is put in double quotes, as on Linux:
 * name="a b" or "name=a b". If a parameter is given several times, the last one counts.
 */
#include "kernel/boot_info.h"
#include "kernel/compiler.h"
#include "kernel/lib/string.h"

struct boot_info boot_info;

void boot_problem(struct boot_info *info, const char *problem)
{
	/* Ports pass string constants, so the same message has the same address. */
	for (unsigned int i = 0; i < info->nr_problems; i++) {
		if (info->problems[i] == problem)
			return;
	}
	if (info->nr_problems < BOOT_MAX_PROBLEMS)
		info->problems[info->nr_problems++] = problem;
}

/* Compares no ends, which may wrap: does the range that starts first reach the other's start? */
bool boot_ranges_overlap(phys_addr_t a, phys_addr_t a_size, phys_addr_t b, phys_addr_t b_size)
{
	return a_size && b_size && (a < b ? b - a < a_size : a - b < b_size);
}

bool boot_is_memory(const struct boot_info *info, phys_addr_t start, phys_addr_t size)
{
	for (unsigned int i = 0; i < info->nr_memory; i++) {
		const struct boot_range *range = &info->memory[i];

		if (start >= range->start && start - range->start <= range->size &&
		    size <= range->size - (start - range->start))
			return true;
	}
	return false;
}

const char *boot_next_word(const char *s, size_t *len)
{
	bool quoted = false;

	while (*s == ' ' || *s == '\t')
		s++;
	for (*len = 0; s[*len] && (quoted || (s[*len] != ' ' && s[*len] != '\t')); ++*len) {
		if (s[*len] == '"')
			quoted = !quoted;
	}
	return *len ? s : NULL;
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

bool boot_param_value(const char *name, char *buf, size_t size)
{
	size_t name_len = strlen(name), len;
	const char *word = boot_info.cmdline;
	bool found = false;

	for (; (word = boot_next_word(word, &len)); word += len) {
		/* A word may be quoted as a whole, or from its value on. */
		const char *end = word + len, *key = *word == '"' ? word + 1 : word;
		const char *after = key + name_len;

		if ((size_t)(end - key) < name_len || memcmp(key, name, name_len))
			continue;
		if (after == end || *after == '=' || (*after == '"' && after + 1 == end)) {
			/* The search goes on, because the last one of several counts. */
			copy_value(buf, size, after + (after != end && *after == '='), end);
			found = true;
		}
	}
	return found;
}
