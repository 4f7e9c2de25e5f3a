/* SPDX-License-Identifier: MIT */
/* Shell commands on files and directories: ls, cat, echo, cd, pwd, mkdir, rm. */
#include "kernel/lib/ctype.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/shell/shell.h"
#include "kernel/time.h"

#define SCREEN_COLUMNS 80

static int path_error(struct cmd_context *ctx, const char *path, int err)
{
	return cmd_error(ctx, "%.128s: %s", path, errno_string(err));
}

/* --- ls --- */

struct ls_layout {
	bool details, per_line;
	unsigned int width;		/* of a column, 0 until known */
	unsigned int column;
};

static void format_mode(mode_t mode, char text[11])
{
	static const char letters[] = "rwxrwxrwx";
	unsigned int i;

	text[0] = S_ISDIR(mode) ? 'd' : '-';
	for (i = 0; i < 9; i++)
		text[i + 1] = mode & (0400u >> i) ? letters[i] : '-';
	text[10] = '\0';
}

static void ls_details(struct cmd_context *ctx, const char *name, const struct stat *st)
{
	unsigned long long ms = st->mtime_ns / NSEC_PER_MSEC;
	char mode[11];

	format_mode(st->mode, mode);
	cmd_printf(ctx, "%s %3lu %9lld %8llu.%03u %s%s\n", mode, st->nlink, (long long)st->size,
		   ms / 1000, (unsigned int)(ms % 1000), name, S_ISDIR(st->mode) ? "/" : "");
}

static void ls_name(struct cmd_context *ctx, const char *name, bool is_dir,
		    struct ls_layout *layout)
{
	unsigned int len = (unsigned int)strlen(name) + is_dir;

	if (layout->per_line) {
		cmd_printf(ctx, "%s%s\n", name, is_dir ? "/" : "");
		return;
	}
	cmd_printf(ctx, "%s%s", name, is_dir ? "/" : "");
	if (++layout->column >= SCREEN_COLUMNS / layout->width) {
		layout->column = 0;
		cmd_write(ctx, "\n", 1);
	} else {
		cmd_printf(ctx, "%*s", (int)(layout->width - len), "");
	}
}

/* Print an entry's details, for which its own path is needed. */
static int ls_entry_details(struct cmd_context *ctx, const char *dir, const char *name)
{
	struct stat st;
	size_t size = strlen(dir) + strlen(name) + 2;
	char *path = kmalloc(size, GFP_KERNEL);
	int err;

	if (!path)
		return path_error(ctx, name, -ENOMEM);
	scnprintf(path, size, "%s/%s", dir, name);
	err = vfs_stat(path, &st);
	kfree(path);
	if (err)
		return path_error(ctx, name, err);
	ls_details(ctx, name, &st);
	return 0;
}

static unsigned int longest_name(struct file *dir, struct dirent *entry)
{
	unsigned int pos = 0, longest = 0;

	while (vfs_readdir(dir, &pos, entry) > 0)
		longest = max(longest, (unsigned int)strlen(entry->name));
	return longest;
}

static int ls_dir(struct cmd_context *ctx, const char *path, struct ls_layout *layout)
{
	struct file *dir = vfs_open(path, O_RDONLY | O_DIRECTORY, 0);
	struct dirent *entry;
	unsigned int pos = 0;
	int ret = 0, status = 0;

	if (IS_ERR(dir))
		return path_error(ctx, path, (int)PTR_ERR(dir));
	entry = kmalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry) {
		vfs_close(dir);
		return path_error(ctx, path, -ENOMEM);
	}
	/* The names are read twice, because the width of columns depends on the longest one. */
	layout->width = longest_name(dir, entry) + 3;
	layout->column = 0;
	while (!console_interrupted() && (ret = vfs_readdir(dir, &pos, entry)) > 0) {
		if (layout->details)
			status |= ls_entry_details(ctx, path, entry->name);
		else
			ls_name(ctx, entry->name, S_ISDIR(entry->mode), layout);
	}
	if (layout->column)
		cmd_write(ctx, "\n", 1);
	if (ret < 0)
		status = path_error(ctx, path, ret);
	kfree(entry);
	vfs_close(dir);
	return status;
}

static int ls_operand(struct cmd_context *ctx, const char *path, struct ls_layout *layout,
		      bool heading)
{
	struct stat st;
	int err = vfs_stat(path, &st);

	if (err)
		return path_error(ctx, path, err);
	if (S_ISDIR(st.mode)) {
		/* A single directory needs no heading. */
		if (heading)
			cmd_printf(ctx, "%s:\n", path);
		return ls_dir(ctx, path, layout);
	}
	if (layout->details)
		ls_details(ctx, path, &st);
	else
		cmd_printf(ctx, "%s\n", path);
	return 0;
}

static int run_ls(struct cmd_context *ctx)
{
	struct ls_layout layout = { .per_line = !cmd_is_interactive(ctx) };
	struct cmd_options opts = { 0 };
	int option, status = 0, first, i;

	while ((option = cmd_option(ctx, &opts, "la1")) > 0) {
		if (option == 'l')
			layout.details = true;
		else if (option == '1')
			layout.per_line = true;
	}
	if (option < 0)
		return 1;
	first = opts.index;
	if (first >= ctx->argc)
		return ls_dir(ctx, ".", &layout);
	/* An error does not end the loop, so the other files are listed. */
	for (i = first; i < ctx->argc && !console_interrupted(); i++)
		status |= ls_operand(ctx, ctx->argv[i], &layout, ctx->argc - first > 1);
	return status;
}
SHELL_COMMAND(ls, "ls [-l1] [PATH...]",
	      "List directories; -l with mode, links, size and time of change (seconds of uptime).",
	      run_ls);

/* --- cat --- */

static int cat_file(struct cmd_context *ctx, struct file *file, const char *name, void *buf)
{
	ssize_t got;

	if (cmd_reads_own_output(ctx, file, name))
		return 1;
	for (;;) {
		if (console_interrupted())
			return -EINTR;
		got = vfs_read(file, buf, PAGE_SIZE);
		if (got <= 0)
			return (int)got;
		cmd_write(ctx, buf, (size_t)got);
	}
}

static int run_cat(struct cmd_context *ctx)
{
	struct cmd_options opts = { 0 };
	void *buf;
	int status;

	if (cmd_option(ctx, &opts, "") < 0)
		return 1;
	buf = alloc_page(GFP_KERNEL);
	if (!buf)
		return cmd_error(ctx, "%s", errno_string(-ENOMEM));
	status = cmd_for_each_input(ctx, opts.index, cat_file, buf);
	free_page(buf);
	return status;
}
SHELL_COMMAND(cat, "cat [FILE...]", "Print files, or the input, until they end or Ctrl-C.",
	      run_cat);

/* --- echo --- */

static int hex_digit(char c)
{
	if (isdigit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that up to @most digits in base 8 or 16 at *@text make; advances *@text past them. */
static char escape_number(const char **text, int base, int most)
{
	int value = 0, digit;

	while (most--) {
		digit = hex_digit(**text);
		if (digit < 0 || digit >= base)
			break;
		value = value * base + digit;
		++*text;
	}
	return (char)value;
}

/*
 * Store the byte for the escape at *@text, after its backslash; false for \c, which ends the text.
 */
static bool escape(const char **text, char *out)
{
	static const char names[] = "abefnrtv\\", values[] = "\a\b\033\f\n\r\t\v\\";
	const char *found;
	char c = **text;

	*out = '\\';
	found = c ? strchr(names, c) : NULL;
	if (found) {
		*out = values[found - names];
		++*text;
	} else if (c == '0') {
		++*text;
		/* An octal number is a 0 and up to three more digits. */
		*out = escape_number(text, 8, 3);
	} else if (c == 'x' && hex_digit((*text)[1]) >= 0) {
		++*text;
		*out = escape_number(text, 16, 2);
	}
	return c != 'c';
}

/* Append @text to @at, and return the new end. Sets *@stop after a \c. */
static char *echo_word(char *at, const char *text, bool escapes, bool *stop)
{
	while (*text && !*stop) {
		char c = *text++;

		if (c == '\\' && escapes && !escape(&text, &c))
			*stop = true;
		else
			*at++ = c;
	}
	return at;
}

/* Is @arg an option: "-n", "-e", "-ne" and so on? Anything else is text. */
static bool echo_option(const char *arg, bool *newline, bool *escapes)
{
	const char *c;

	if (arg[0] != '-' || !arg[1])
		return false;
	for (c = arg + 1; *c; c++)
		if (*c != 'n' && *c != 'e' && *c != 'E')
			return false;
	for (c = arg + 1; *c; c++) {
		if (*c == 'n')
			*newline = false;
		else
			*escapes = *c == 'e';
	}
	return true;
}

/* The text is written with a single write, because to a tracefs file each write is a command. */
static int run_echo(struct cmd_context *ctx)
{
	bool newline = true, escapes = false, stop = false;
	size_t size = 1;
	char *text, *at;
	int first = 1, i;

	while (first < ctx->argc && echo_option(ctx->argv[first], &newline, &escapes))
		first++;
	/* An escape is never shorter than what it stands for, so the words' lengths are enough. */
	for (i = first; i < ctx->argc; i++)
		size += strlen(ctx->argv[i]) + 1;
	text = at = kmalloc(size, GFP_KERNEL);
	if (!text)
		return cmd_error(ctx, "%s", errno_string(-ENOMEM));
	for (i = first; i < ctx->argc && !stop; i++) {
		if (i > first)
			*at++ = ' ';
		at = echo_word(at, ctx->argv[i], escapes, &stop);
	}
	if (newline && !stop)
		*at++ = '\n';
	cmd_write(ctx, text, (size_t)(at - text));
	kfree(text);
	return 0;
}
SHELL_COMMAND(echo, "echo [-n] [-e] [TEXT...]",
	      "Print words in one write; -n without newline, -e with escapes like \\n.", run_echo);

/* --- cd, pwd, mkdir, rm --- */

static int run_cd(struct cmd_context *ctx)
{
	const char *path = ctx->argc > 1 ? ctx->argv[1] : "/";
	int err;

	if (ctx->argc > 2)
		return cmd_usage(ctx);
	err = vfs_chdir(path);
	return err ? path_error(ctx, path, err) : 0;
}
SHELL_COMMAND(cd, "cd [DIRECTORY]", "Change the working directory; to / without one.", run_cd);

static int run_pwd(struct cmd_context *ctx)
{
	char *path = kmalloc(PATH_MAX, GFP_KERNEL);

	if (!path)
		return cmd_error(ctx, "%s", errno_string(-ENOMEM));
	vfs_getcwd(path, PATH_MAX);
	cmd_printf(ctx, "%s\n", path);
	kfree(path);
	return 0;
}
SHELL_COMMAND(pwd, "pwd", "Print the working directory.", run_pwd);

/* Make @path and every directory on the way to it, as far as they do not exist: 0 or -errno. */
static int make_parents(char *path)
{
	struct stat st;
	char *slash = path;
	int err = 0;

	while (!err && slash) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		err = vfs_mkdir(path, 0755);
		/* The error does not tell whether what exists there is a directory. */
		if (err && !vfs_stat(path, &st))
			err = S_ISDIR(st.mode) ? 0 : -ENOTDIR;
		if (slash)
			*slash = '/';
	}
	return err;
}

static int run_mkdir(struct cmd_context *ctx)
{
	struct cmd_options opts = { 0 };
	bool parents = false;
	int option, status = 0, err, i;

	while ((option = cmd_option(ctx, &opts, "p")) > 0)
		parents = true;
	if (option < 0)
		return 1;
	if (opts.index >= ctx->argc)
		return cmd_usage(ctx);
	for (i = opts.index; i < ctx->argc; i++) {
		/* An empty path is left to vfs_mkdir(), which has the right error for it. */
		err = parents && *ctx->argv[i] ? make_parents(ctx->argv[i])
					       : vfs_mkdir(ctx->argv[i], 0755);
		if (err)
			status = path_error(ctx, ctx->argv[i], err);
	}
	return status;
}
SHELL_COMMAND(mkdir, "mkdir [-p] DIRECTORY...", "Make directories; -p with those above them.",
	      run_mkdir);

static int run_rmdir(struct cmd_context *ctx)
{
	int status = 0, err;

	if (ctx->argc < 2)
		return cmd_usage(ctx);
	for (int i = 1; i < ctx->argc; i++) {
		err = vfs_rmdir(ctx->argv[i]);
		if (err)
			status = path_error(ctx, ctx->argv[i], err);
	}
	return status;
}
SHELL_COMMAND(rmdir, "rmdir DIRECTORY...", "Remove empty directories, and tracing instances.",
	      run_rmdir);

/* Append the first entry of directory @path to @path: 1, 0 if it is empty, or -errno. */
static int append_first_entry(char *path, size_t size)
{
	struct file *dir = vfs_open(path, O_RDONLY | O_DIRECTORY, 0);
	struct dirent *entry;
	unsigned int pos = 0;
	size_t len = strlen(path);
	int ret;

	if (IS_ERR(dir))
		return (int)PTR_ERR(dir);
	/* Not on the stack, because it holds a name of up to 255 bytes. */
	entry = kmalloc(sizeof(*entry), GFP_KERNEL);
	ret = entry ? vfs_readdir(dir, &pos, entry) : -ENOMEM;
	if (ret > 0 && len + 1 + strlen(entry->name) >= size)
		ret = -ENAMETOOLONG;
	if (ret > 0)
		scnprintf(path + len, size - len, "/%s", entry->name);
	kfree(entry);
	vfs_close(dir);
	return ret;
}

/*
 * Remove @path and everything below it. It always descends to the first entry, without recursion,
 * because a tree may be as deep as a path is long. On an error @path names what could not be
 * removed.
 */
static int remove_tree(char *path, size_t size)
{
	size_t top = strlen(path);
	struct stat st;
	int ret;

	for (;;) {
		if (console_interrupted())
			return -EINTR;
		ret = vfs_stat(path, &st);
		if (!ret && S_ISDIR(st.mode)) {
			ret = append_first_entry(path, size);
			if (ret > 0)
				continue;
			if (!ret)
				ret = vfs_rmdir(path);
		} else if (!ret) {
			ret = vfs_unlink(path);
		}
		if (ret || strlen(path) == top)
			return ret;
		/* Go back to the directory, where another entry is the first one now. */
		*strrchr(path, '/') = '\0';
	}
}

static int rm_tree(struct cmd_context *ctx, const char *operand)
{
	char *path = kmalloc(2 * PATH_MAX, GFP_KERNEL);
	int err, status = 0;

	if (!path)
		return path_error(ctx, operand, -ENOMEM);
	err = strscpy(path, operand, PATH_MAX) < 0 ? -ENAMETOOLONG :
		remove_tree(path, 2 * PATH_MAX);
	if (err == -EINTR)
		status = SHELL_STATUS_INTERRUPTED;
	else if (err)
		status = path_error(ctx, path, err);
	kfree(path);
	return status;
}

static int run_rm(struct cmd_context *ctx)
{
	struct cmd_options opts = { 0 };
	bool tree = false, force = false;
	int option, status = 0, err, i;
	struct stat st;

	while ((option = cmd_option(ctx, &opts, "rf")) > 0) {
		tree |= option == 'r';
		force |= option == 'f';
	}
	if (option < 0)
		return 1;
	if (opts.index >= ctx->argc && !force)
		return cmd_usage(ctx);
	for (i = opts.index; i < ctx->argc && !console_interrupted(); i++) {
		/* -f ignores missing files, but no other errors. */
		if (force && vfs_stat(ctx->argv[i], &st) == -ENOENT)
			continue;
		if (tree) {
			status = max(status, rm_tree(ctx, ctx->argv[i]));
			continue;
		}
		err = vfs_unlink(ctx->argv[i]);
		if (err)
			status = path_error(ctx, ctx->argv[i], err);
	}
	return status;
}
SHELL_COMMAND(rm, "rm [-rf] PATH...",
	      "Remove files; -r whole directories, -f without complaint about missing ones.",
	      run_rm);
