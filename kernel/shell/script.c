/* SPDX-License-Identifier: MIT */
/*
 * With `script` on the command line, console commands from a boot module are run in place of the
 * interactive shell; with `script=console` they are read from the console. The machine then powers
 * off with their exit status. A script that is missing or cannot be read is a failure.
 */
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/fs/initrd.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/shell/console.h"
#include "kernel/shell/script.h"

#define EXIT_NO_SCRIPT 1

BOOT_PARAM(script);

static enum { NO_SCRIPT, SCRIPT_IN_MODULE, SCRIPT_ON_CONSOLE } source;

void script_init(void)
{
	char value[16];

	if (!boot_param(script, value, sizeof(value)))
		return;
	source = SCRIPT_IN_MODULE;
	if (*value && strcmp(value, "console"))
		pr_warn("script=%s is not `console`: the boot loader's script is used\n", value);
	if (strcmp(value, "console"))
		return;
	source = SCRIPT_ON_CONSOLE;
	console_set_piped();
}

/* A terminated copy of @size bytes, which are untrusted; NULL (logged) if they contain a NUL. */
static char *copy_script(const void *data, size_t size)
{
	char *text = vmalloc(size + 1);

	if (!text) {
		pr_err("script: no memory for %zu bytes\n", size);
		return NULL;
	}
	memcpy(text, data, size);
	text[size] = '\0';
	if (strlen(text) != size) {
		pr_err("script: contains a NUL byte\n");
		vfree(text);
		return NULL;
	}
	return text;
}

/* What the file holds, as copy_script() makes it; or ERR_PTR(). */
static char *copy_file(struct file *file, const char *path)
{
	char *text = NULL, *data;
	struct stat st;
	ssize_t done;
	int err = vfs_stat(path, &st);

	if (err)
		return ERR_PTR(err);
	data = vmalloc((size_t)st.size + 1);
	if (!data)
		return ERR_PTR(-ENOMEM);
	done = vfs_read(file, data, (size_t)st.size);
	/* Half a script could do harm, so less than all of it is an error. */
	if (done == (ssize_t)st.size)
		text = copy_script(data, (size_t)st.size);
	vfree(data);
	if (text)
		return text;
	return ERR_PTR(done < 0 ? (int)done : -EIO);
}

/* NULL if there is none. ERR_PTR() if there is one that cannot be read, which is logged. */
static char *read_script(const char *path)
{
	struct file *file = vfs_open(path, O_RDONLY, 0);
	char *text;

	if (!IS_ERR(file)) {
		text = copy_file(file, path);
		vfs_close(file);
	} else if (PTR_ERR(file) == -ENOENT) {
		return NULL;
	} else {
		text = ERR_PTR(PTR_ERR(file));
	}
	if (IS_ERR(text))
		pr_err("script: %s: %s\n", path, errno_string((int)PTR_ERR(text)));
	return text;
}

/*
 * The script is a boot module named "script", or else the initrd, since a device tree names no
 * other module: either that is a cpio archive with a file /script, or it is the script itself.
 */
static char *find_script(void)
{
	const struct boot_module *mod = find_boot_module("script");
	const void *data;

	if (!mod)
		mod = find_boot_module("initrd");
	if (mod && boot_module_is_cpio(mod)) {
		char *text = read_script("/script");

		return IS_ERR(text) ? NULL : text;
	}
	data = mod ? boot_module_data(mod) : NULL;
	return data ? copy_script(data, (size_t)mod->size) : NULL;
}

static int run_module_script(void)
{
	char *text = find_script();

	if (text)
		return shell_run(text);
	pr_err("script: the boot loader brought no script that can be read\n");
	return EXIT_NO_SCRIPT;
}

void run_boot_scripts(void)
{
	char *text = read_script("/etc/rc");
	int status = IS_ERR(text) ? EXIT_NO_SCRIPT : text ? shell_run(text) : 0;

	if (!IS_ERR(text))
		vfree(text);
	if (source == NO_SCRIPT)
		return;
	/* If /etc/rc failed, say to load a module, running the script would make no sense. */
	if (!status)
		status = source == SCRIPT_ON_CONSOLE ? shell_run_piped() : run_module_script();
	arch_poweroff(status);
}
