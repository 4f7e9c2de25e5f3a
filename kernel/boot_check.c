/* SPDX-License-Identifier: MIT */
/*
 * Checks for mistakes on the kernel's command line: malformed numbers, numbers out of range, and
 * unknown words. The log says which word is wrong, why, and what is used instead; boot goes on.
 */
#include "kernel/boot_info.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"

extern const char *const __start_boot_params[], *const __stop_boot_params[];

/* Words that boot loaders add for other kernels or for themselves; they are no mistakes. */
static const char *const loader_words[] = {
	"BOOT_IMAGE", "console", "earlycon", "initrd", "ro", "root", "rw",
};

bool boot_param_number(const char *name, long min, long max, long *value)
{
	char text[64];
	long long number;

	if (!boot_param_value(name, text, sizeof(text)))
		return false;
	/* A text that fills the buffer may have been cut, and would be read as another number. */
	if (strlen(text) < sizeof(text) - 1 && !kstrtoll(text, 0, &number) && number >= min &&
	    number <= max) {
		*value = (long)number;
		return true;
	}
	pr_warn("%s=%s is not a number from %ld to %ld: %ld is used\n", name, text, min, max,
		*value);
	return false;
}

bool boot_param_flag(const char *name, bool *value)
{
	char text[64];

	if (!boot_param_value(name, text, sizeof(text)))
		return false;
	if (!*text || !strcmp(text, "1")) {
		*value = true;
	} else if (!strcmp(text, "0")) {
		*value = false;
	} else {
		pr_warn("%s=%s is neither 0 nor 1: %d is used\n", name, text, *value);
		return false;
	}
	return true;
}

static bool is_name(const char *name, const char *word, size_t len)
{
	return strlen(name) == len && !memcmp(name, word, len);
}

/* Parameters of parts that are not built into this kernel are unknown: no file declares them. */
static bool is_known(const char *word, size_t len)
{
	const char *const *name;

	for (name = __start_boot_params; name < __stop_boot_params; name++) {
		if (is_name(*name, word, len))
			return true;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(loader_words); i++) {
		if (is_name(loader_words[i], word, len))
			return true;
	}
	return false;
}

static size_t name_length(const char *word, size_t len)
{
	size_t n = 0;

	while (n < len && word[n] != '=' && word[n] != '"')
		n++;
	return n;
}

/* A message has a maximal length, so a long word is printed in pieces, still on one line. */
static void print_word(const char *word, size_t len)
{
	const size_t most = 512;

	for (; len > most; word += most, len -= most)
		pr_cont("%.*s", (int)most, word);
	pr_cont("%.*s", (int)len, word);
}

void boot_report_unknown_words(void)
{
	const char *word = boot_info.cmdline;
	bool any = false;
	size_t len;

	for (; (word = boot_next_word(word, &len)); word += len) {
		/* The quotes may enclose the whole word, as in "name=a b". */
		bool quoted = *word == '"';

		if (is_known(word + quoted, name_length(word + quoted, len - quoted)))
			continue;
		if (!any)
			pr_warn("Unknown words on the command line, ignored:");
		pr_cont(" ");
		print_word(word, len);
		any = true;
	}
	if (any)
		pr_cont("\n");
}
