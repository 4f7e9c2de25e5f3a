/* SPDX-License-Identifier: MIT */
/* What the files of kernel/shell/ share; commands elsewhere need only kernel/shell/console.h. */
#pragma once
#include "kernel/fs/vfs.h"
#include "kernel/shell/console.h"
#include "kernel/shell/parse.h"

extern const struct shell_command __start_shell_commands[], __stop_shell_commands[];

#define SHELL_STATUS_SYNTAX 2
#define SHELL_STATUS_NOT_FOUND 127
#define SHELL_STATUS_INTERRUPTED 130

/* --- console.c --- */
/* Bytes wait for console_getchar(). */
bool console_pending(void);
/*
 * How many input bytes are missing between the last one taken and the next: more was typed ahead
 * than the ring holds. To be asked before each console_getchar(); 0 while older bytes wait.
 */
unsigned int console_lost(void);
/* While not editing, Ctrl-C only interrupts; it is not queued as input. */
void console_set_editing(bool editing);
/* A new open file on the console; ERR_PTR(-ENOMEM). */
struct file *console_open(void);

/* --- expand.c --- */
/* What the globs of a pipeline stand for: its words point into it until it is freed. */
struct shell_name {
	struct shell_name *next;
	char text[];
};
struct shell_expansion {
	struct shell_name *names;
	char **argv[SHELL_STAGES_MAX];
};
/* Names of files for the globs among @p's words. 0, or the status of a failure that was told. */
int shell_expand(struct shell_pipeline *p, struct shell_expansion *e);
void shell_expansion_free(struct shell_expansion *e);

/* --- exec.c --- */
/* The context of the command that the current thread runs, or NULL. */
struct cmd_context *shell_current_command(void);
/* As shell_run(), for a part of a script that begins with line @line of it; 0: @script is all. */
int shell_run_lines(const char *script, unsigned int line);
/* Run a parsed pipeline; its exit status. */
int shell_run_pipeline(struct shell_pipeline *p);
/* The next command in name order after @name (NULL: the first one); NULL at the end. */
const struct shell_command *shell_next_command(const char *name);
const struct shell_command *shell_find_command(const char *name);
/* What shell_run() would return if the running script ended now. */
int shell_script_status(void);
/* Output goes to a person: the interactive shell's console, neither pipe nor file. */
bool cmd_is_interactive(const struct cmd_context *ctx);
void shell_set_interactive(void);

/* --- input.c: options, operands and lines for commands --- */
struct cmd_options {
	int index;		/* the argument being looked at; at the end the first operand */
	const char *rest;	/* the next letter of a cluster like -rn */
	const char *value;	/* of the option returned last */
};
/*
 * The next option of @ctx, as getopt: @spec lists letters, `:` after those that take a value, and
 * '#' for -N. Returns the letter, 0 after the last, -1 when it printed an error. Start with {0}.
 */
int cmd_option(struct cmd_context *ctx, struct cmd_options *opts, const char *spec);
/* A decimal number up to @most from the command line, or -1 when it printed an error. */
long long cmd_number(struct cmd_context *ctx, const char *text, unsigned long long most);
/* Prints "usage: ..." of the running command; returns 1. */
int cmd_usage(struct cmd_context *ctx);

/*
 * Call @fn for each operand from @first on as an open file, or for the input when there is none
 * ("-" is the input too). Errors of opening and the negative errno that @fn returns are
 * printed with the name. Stops on Ctrl-C. 0, 1, or the largest positive value of @fn.
 */
int cmd_for_each_input(struct cmd_context *ctx, int first,
		       int (*fn)(struct cmd_context *ctx, struct file *file, const char *name,
				 void *arg), void *arg);
/*
 * For commands that print while they read: is @file also where they print to? Then they would read
 * what they print, for ever. Prints the error.
 */
bool cmd_reads_own_output(struct cmd_context *ctx, const struct file *file, const char *name);

/* Reads lines of any length up to 1 MiB. */
struct line_reader {
	struct file *file;
	char *buf;
	size_t size, start, end;	/* room; the bytes [start, end) are not yet returned */
	bool at_eof;
};
void line_reader_init(struct line_reader *reader, struct file *file);
void line_reader_free(struct line_reader *reader);
/*
 * The next line, terminated in place, without its newline: 1, *line and *len; 0 at the end;
 * -E2BIG for a longer one, -EINTR after Ctrl-C, or what vfs_read() said. The line stays until
 * the next call; *newline tells whether it ended with one.
 */
int line_reader_next(struct line_reader *reader, char **line, size_t *len, bool *newline);
