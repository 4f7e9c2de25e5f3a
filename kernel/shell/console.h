/* SPDX-License-Identifier: MIT */
/*
 * The console: input from the UART's interrupt, output to it, and the shell on
 * top. kernel/shell/ holds the shell; commands register themselves by macro.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

struct file;

void console_init(void);
/*
 * Input is a script: no byte is lost, or a key; nobody edits lines. Ctrl-D ends it, Ctrl-V takes
 * the next byte as it is. Before the first input.
 */
void console_set_piped(void);
/*
 * From the UART: one received byte. Ctrl-C sets the interrupted flag. False when no more must come
 * until arch_console_resume().
 */
bool console_input(char c);
/* Next byte of input; sleeps. CONSOLE_EOF at the end of a script. */
int console_getchar(void);
#define CONSOLE_EOF (-1)
void console_write(const char *buf, size_t len);	/* '\n' becomes "\r\n" */
/* Ctrl-C since the last call that cleared it: long-running commands poll this. */
bool console_interrupted(void);
void console_clear_interrupted(void);

/*
 * A command. stdin/stdout of the command are files (pipes and redirections included);
 * errors go through cmd_error(), which prefixes the command's name. Returns 0 or an exit
 * status > 0. Each command runs in a thread of its own that carries its name; one that runs
 * or reads for long polls console_interrupted(), which is also true once nobody reads its output.
 */
struct cmd_context {
	int argc;
	char **argv;
	struct file *in, *out;	/* in is NULL without pipe or `<` */
	/* The shell's own from here on. */
	const char *out_name;	/* what `>` named, else NULL */
	int out_error;		/* the first failed write; later ones are not tried */
	unsigned int nr_errors;	/* messages from cmd_error() */
};
struct shell_command {
	const char *name;
	const char *usage;	/* one line, the name first: "ls [-l] [PATH...]" */
	const char *help;	/* what it does, in a sentence or two */
	int (*run)(struct cmd_context *ctx);
};
#define SHELL_COMMAND(ident, usage_, help_, fn)				\
	static const struct shell_command shell_command_##ident __used	\
	__section(".shell_commands") __aligned(sizeof(long)) =		\
	{ #ident, usage_, help_, fn }
void cmd_printf(struct cmd_context *ctx, const char *fmt, ...) __printf(2, 3);
void cmd_write(struct cmd_context *ctx, const char *buf, size_t len);
int cmd_error(struct cmd_context *ctx, const char *fmt, ...) __printf(2, 3);	/* returns 1 */

/*
 * Run a line or script (commands separated by newline or `;`). A failing command does not stop it.
 * Returns 0, or the first status that was not 0: of a command, 127 for an unknown one, 2 for a
 * syntax error, 130 when Ctrl-C ended it. From inside a command it inherits that command's files.
 */
int shell_run(const char *script);
/* The same with what is piped into the console, by whole lines as they come, to its end. */
int shell_run_piped(void);
/* Run @argv with the files of @ctx, as `time` does: no quoting needed. Its exit status. */
int shell_exec(struct cmd_context *ctx, int argc, char **argv);
/* The interactive loop; never returns. */
void shell_main(void) __attribute__((noreturn));
