/* SPDX-License-Identifier: MIT */
/*
 * What the files of kernel/shell/ share. Commands elsewhere need only kernel/shell/console.h. All
 * of it is for thread context, and may sleep.
 */
#pragma once
#include "kernel/fs/vfs.h"
#include "kernel/shell/console.h"
#include "kernel/shell/parse.h"

extern const struct shell_command __start_shell_commands[], __stop_shell_commands[];

#define SHELL_STATUS_SYNTAX 2
#define SHELL_STATUS_NOT_FOUND 127
#define SHELL_STATUS_INTERRUPTED 130

/* --- console.c --- */
/* Is there input for console_getchar()? */
bool console_pending(void);
/*
 * How many bytes were lost just before the next byte of input, because the ring was full. Called
 * before each console_getchar(); it returns 0 while older bytes are still waiting.
 */
unsigned int console_lost(void);
/* Only while a line is edited is Ctrl-C also put into the input; it always interrupts. */
void console_set_editing(bool editing);
/* A new open file on the console; ERR_PTR(-ENOMEM). */
struct file *console_open(void);

/* --- expand.c --- */
/* The expansion of a pipeline's globs. The pipeline's words point into it, until it is freed. */
struct shell_name {
	struct shell_name *next;
	char text[];
};
struct shell_expansion {
	struct shell_name *names;
	char **argv[SHELL_STAGES_MAX];
};
/* Replace the globs among @p's words by names of files. 0, or an exit status (error printed). */
int shell_expand(struct shell_pipeline *p, struct shell_expansion *e);
void shell_expansion_free(struct shell_expansion *e);

/* --- exec.c --- */
struct running_stage {
	struct cmd_context ctx;
	const struct shell_command *command;	/* NULL if there are only redirections */
	struct task_struct *task;
	int status;
};
/* Let the stage's output be that of the command which runs it, or the console: 0 or 1, printed. */
int shell_stage_open_output(struct running_stage *stage);
/*
 * Make the stage's thread, which closes the stage's files at its end. The caller wakes it. NULL
 * after an error, which is printed, and then the files are closed.
 */
struct task_struct *shell_stage_create(struct running_stage *stage);
/* The exit status of a stage that has ended. */
int shell_stage_status(const struct running_stage *stage);
bool shell_is_interactive(void);
/* Tell on the console that the shell itself has no memory. Returns an exit status, 1. */
int shell_no_memory(void);
/* The context of the command that the current thread runs, or NULL. */
struct cmd_context *shell_current_command(void);
/* The same as shell_run() for a part of a script, from its line @line on; 0 for a whole script. */
int shell_run_lines(const char *script, unsigned int line);
/* The next command in name order after @name (NULL: the first one); NULL at the end. */
const struct shell_command *shell_next_command(const char *name);
const struct shell_command *shell_find_command(const char *name);
/* What shell_run() would return if the running script ended now. */
int shell_script_status(void);
/* Does the output go to a person, on the interactive shell's console, and not to a pipe or file? */
bool cmd_is_interactive(const struct cmd_context *ctx);
void shell_set_interactive(void);

/* --- jobs.c --- */
/* Run the list from @text to @end in the background: 0, or an exit status (error printed). */
int shell_run_background(const char *text, const char *end);
/* Tell the console which background jobs have ended since the last call. */
void shell_report_jobs(void);

/* --- input.c: options, operands and lines for commands --- */
struct cmd_options {
	int index;		/* the current argument; at the end, the first operand */
	const char *rest;	/* the next letter of a group such as -rn */
	const char *value;	/* the value of the last option */
};
/*
 * The next option, as with getopt(): @spec lists the letters, with `:` after those that take a
 * value, and '#' for -N. Returns the letter, 0 after the last one, or -1 after an error, which it
 * prints. *@opts is 0 at first.
 */
int cmd_option(struct cmd_context *ctx, struct cmd_options *opts, const char *spec);
/* Convert a decimal number, at most @most; -1 after an error, which it prints. */
long long cmd_number(struct cmd_context *ctx, const char *text, unsigned long long most);
/* Prints "usage: ..." of the running command; returns 1. */
int cmd_usage(struct cmd_context *ctx);

/*
 * Open each operand from @first on and call @fn for the file; without operands, and for "-", call
 * it for the command's input. Errors, also a negative errno from @fn, are printed with the file's
 * name. Ctrl-C ends it. Returns 0, or the largest exit status: 1 for an error, or a positive value
 * of @fn.
 */
int cmd_for_each_input(struct cmd_context *ctx, int first,
		       int (*fn)(struct cmd_context *ctx, struct file *file, const char *name,
				 void *arg), void *arg);
/* The same for each operand and, if it is a directory, each file below it; by default for ".". */
int cmd_for_each_in_trees(struct cmd_context *ctx, int first,
			  int (*fn)(struct cmd_context *ctx, struct file *file, const char *name,
				    void *arg), void *arg);
/*
 * For commands that print while they read: is @file also the output? Then the command would read
 * its own output for ever. Prints the error.
 */
bool cmd_reads_own_output(struct cmd_context *ctx, const struct file *file, const char *name);

/* A reader of lines of up to 1 MiB. */
struct line_reader {
	struct file *file;
	char *buf;
	size_t size, start, end;	/* capacity; bytes [start, end) are still to be returned */
	bool at_eof;
};
void line_reader_init(struct line_reader *reader, struct file *file);
void line_reader_free(struct line_reader *reader);
/*
 * Read the next line. Returns 1 with the line, terminated and without its newline, in *@line and
 * *@len; 0 at the end; -E2BIG for a line that is too long, -EINTR after Ctrl-C, or another errno.
 * The line is valid until the next call. *@newline (may be NULL) tells whether it had a newline.
 */
int line_reader_next(struct line_reader *reader, char **line, size_t *len, bool *newline);
