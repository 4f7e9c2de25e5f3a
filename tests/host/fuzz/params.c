/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes names with values: the kernel's command line up to the first newline, and then a module's
 * parameters, one a line.
 */
#include "kernel/boot_info.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/module/module_load.h"
#include "tests/host/fuzz/fuzz.h"
#include "tests/host/host.h"

#define MAX_PARAMS 16

static struct {
	bool flag;
	int number;
	unsigned int count;
	long offset;
	unsigned long mask;
	char *word;
} set;

static const struct module_param params[] = {
	{ "fuzz", "flag", "bool", &set.flag }, { "fuzz", "number", "int", &set.number },
	{ "fuzz", "count", "uint", &set.count }, { "fuzz", "long_offset", "long", &set.offset },
	{ "fuzz", "mask", "ulong", &set.mask }, { "fuzz", "word", "charp", &set.word },
	{ "other", "number", "int", NULL },
};

/* A value fits into the room for it; a longer one is cut off, and does not become another one. */
static void read_command_line(const char *name)
{
	char value[32], all[sizeof(boot_info.cmdline)];
	size_t n;

	memset(value, 'x', sizeof(value));
	if (!boot_param_value(name, all, sizeof(all)))
		return;
	for (n = 0; n <= sizeof(value); n++) {
		MUST(boot_param_value(name, value, n));
		MUST(!n || (strlen(value) < n && !strncmp(value, all, strlen(value))));
		MUST(!n || strlen(value) == n - 1 || !strcmp(value, all));
	}
	MUST(!strchr(all, '"') && strlen(all) < sizeof(all));
}

static void set_parameters(char *text)
{
	char *lines[MAX_PARAMS], why[80];
	struct module mod = { .name = "fuzz", .params = params, .nr_params = ARRAY_SIZE(params) };
	unsigned int nr = 0;
	int err;

	while (text && nr < MAX_PARAMS) {
		lines[nr++] = text;
		text = strchr(text, '\n');
		if (text)
			*text++ = '\0';
	}
	memset(&set, 0, sizeof(set));
	*why = '\0';
	err = module_set_params(&mod, nr, lines, why, sizeof(why));
	MUST(!err || (err == -EINVAL && *why));
	MUST(*(const unsigned char *)&set.flag < 2);
	MUST(!set.word || strlen(set.word) < 10000);
	module_free_params(&mod);
	MUST(!host_allocations());
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char text[5000];
	char *rest;

	size = min(size, sizeof(text) - 1);
	memcpy(text, data, size);
	text[size] = '\0';
	rest = strchr(text, '\n');
	if (rest)
		*rest++ = '\0';
	strscpy(boot_info.cmdline, text, sizeof(boot_info.cmdline));
	read_command_line("ftrace");
	read_command_line("ftrace_filter");
	read_command_line("");
	if (rest)
		set_parameters(rest);
	return 0;
}
