/* SPDX-License-Identifier: MIT */
/*
 * The interactive loop: shows the prompt, edits a line, with completion of commands and file names,
 * and runs it with shell_run().
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/shell/lineedit.h"
#include "kernel/shell/shell.h"

static void write_console(void *arg, const char *buf, size_t len)
{
	console_write(buf, len);
}

static void complete_command(lineedit_add_t add, void *cookie)
{
	const struct shell_command *cmd = NULL;

	while ((cmd = shell_next_command(cmd ? cmd->name : NULL)))
		add(cookie, cmd->name, ' ');
}

/*
 * Offer the entries of @word's directory. Its buffers are static: only the shell's thread calls it.
 */
static void complete_path(const char *word, lineedit_add_t add, void *cookie)
{
	static struct dirent entry;
	static char path[PATH_MAX];
	const char *slash = strrchr(word, '/');
	size_t len = slash ? (size_t)(slash - word) + 1 : 0;
	struct file *dir;
	unsigned int pos = 0;

	if (len >= sizeof(path))
		return;
	/* The path keeps its last slash, so that only a directory is opened. */
	memcpy(path, word, len);
	path[len] = '\0';
	dir = vfs_open(len ? path : ".", O_RDONLY | O_DIRECTORY, 0);
	if (IS_ERR(dir))
		return;
	while (vfs_readdir(dir, &pos, &entry) > 0)
		add(cookie, entry.name, S_ISDIR(entry.mode) ? '/' : ' ');
	vfs_close(dir);
}

static void complete(void *arg, const char *word, bool command, lineedit_add_t add, void *cookie)
{
	if (command)
		complete_command(add, cookie);
	else
		complete_path(word, add, cookie);
}

static const struct lineedit_io console_io = { .write = write_console, .complete = complete };
static struct lineedit editor;

/* Edit a line in `editor` until an event ends it. *@lost is how many bytes of input are missing. */
static enum lineedit_event read_line(unsigned int *lost)
{
	static char prompt[PATH_MAX + 4];
	enum lineedit_event event;

	vfs_getcwd(prompt, PATH_MAX);
	strscpy(prompt + strlen(prompt), " # ", 4);
	console_set_editing(true);
	lineedit_start(&editor, prompt);
	*lost = 0;
	do {
		*lost += console_lost();
		event = lineedit_input(&editor, (char)console_getchar());
		/* The screen is updated only when no input waits, so pasted text is drawn once. */
		if (event == LINEEDIT_NONE && !console_pending())
			lineedit_flush(&editor);
	} while (event == LINEEDIT_NONE);
	console_set_editing(false);
	console_clear_interrupted();
	return event;
}

static void print_text(const char *text)
{
	console_write(text, strlen(text));
}

/* Is the line complete? A line that lacks bytes could do harm, so it is not run. */
static bool line_is_whole(enum lineedit_event event, unsigned int lost)
{
	char text[96];

	if (event == LINEEDIT_TOO_LONG) {
		scnprintf(text, sizeof(text), "sh: line too long (the limit is %d bytes)\n",
			  SHELL_LINE_MAX);
		print_text(text);
		return false;
	}
	/* An interrupted line is not run whatever was lost, so that needs no word. */
	if (event == LINEEDIT_LINE && lost) {
		scnprintf(text, sizeof(text), "sh: %u bytes of input were lost; line not run\n",
			  lost);
		print_text(text);
		return false;
	}
	return event == LINEEDIT_LINE;
}

void shell_main(void)
{
	enum lineedit_event event;
	unsigned int lost;

	shell_set_interactive();
	lineedit_init(&editor, &console_io);
	for (;;) {
		shell_report_jobs();
		event = read_line(&lost);
		if (event == LINEEDIT_EOF)
			print_text("sh: this is the only shell; poweroff ends it\n");
		if (!line_is_whole(event, lost))
			continue;
		lineedit_history_add(&editor, editor.line);
		shell_run(editor.line);
		if (console_interrupted())
			print_text("^C\n");
		/* The interrupt was meant for the command, not for the next line. */
		console_clear_interrupted();
	}
}
