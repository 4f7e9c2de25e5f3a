/* SPDX-License-Identifier: MIT */
/*
 * `script` on the command line: the console commands in a boot module are run
 * in place of the interactive shell, and the machine powers off with their exit status. A
 * script that is not there, or cannot be read, is a failure, not an empty script.
 */
#include <asm/memory.h>
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/console.h"
#include "kernel/mm.h"
#include "kernel/printk.h"
#include "kernel/script.h"
#include "kernel/string.h"

#define EXIT_NO_SCRIPT 1

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), end_len = strlen(end);

	return len >= end_len && !strcmp(s + len - end_len, end);
}

/* Multiboot modules have a name, the device tree's one module is the initrd. */
static const struct boot_module *find_script(void)
{
	for (unsigned int i = 0; i < boot_info.nr_modules; i++) {
		const struct boot_module *mod = &boot_info.modules[i];

		if (ends_with(mod->name, "script") || !strcmp(mod->name, "initrd"))
			return mod;
	}
	return NULL;
}

/* A terminated copy; its bytes come from the boot loader and may be anything. */
static char *copy_script(const struct boot_module *mod)
{
	char *text;

	if (mod->start >= DIRECT_MAP_SIZE || mod->size > DIRECT_MAP_SIZE - mod->start) {
		pr_err("script: at %llx, out of reach\n", (unsigned long long)mod->start);
		return NULL;
	}
	text = vmalloc((size_t)mod->size + 1);
	if (!text) {
		pr_err("script: no memory for %llu bytes\n", (unsigned long long)mod->size);
		return NULL;
	}
	memcpy(text, phys_to_virt(mod->start), (size_t)mod->size);
	text[mod->size] = '\0';
	if (strlen(text) != mod->size) {
		pr_err("script: contains a NUL byte\n");
		vfree(text);
		return NULL;
	}
	return text;
}

void run_boot_script(void)
{
	const struct boot_module *mod = find_script();
	int status = EXIT_NO_SCRIPT;
	char *text = NULL;

	if (mod)
		text = copy_script(mod);
	else
		pr_err("script: the boot loader brought no module of that name\n");
	if (text)
		status = shell_run(text);
	arch_poweroff(status);
}
