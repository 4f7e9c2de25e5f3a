/* SPDX-License-Identifier: MIT */
/*
 * The console: input from the UART's interrupt, output to the UART, and the interface of the shell
 * (kernel/shell/). Commands register themselves with SHELL_COMMAND(). Unless it says otherwise, a
 * function is for thread context and may sleep.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

struct file;

void console_init(void);
/*
 * Take the input as a script: no byte is lost, and lines are not edited. Ctrl-D ends the script;
 * the byte after Ctrl-V is taken as it is. Called before any input.
 */
void console_set_piped(void);
/*
 * Called by the port's UART driver for each received byte, in interrupt context. Ctrl-C sets the
 * interrupted flag. After a return value of false the driver must deliver nothing until
 * arch_console_resume().
 */
bool console_input(char c);
/* Wait for the next byte of input and return it; CONSOLE_EOF at the end of a script. */
int console_getchar(void);
#define CONSOLE_EOF (-1)
void console_write(const char *buf, size_t len);	/* '\n' becomes "\r\n" */
/*
 * Has Ctrl-C been pressed since the flag was cleared? In the background: has `kill` been called?
 * Long-running commands poll this.
 */
bool console_interrupted(void);
void console_clear_interrupted(void);

/*
 * A command. Its input and output are files, which may be pipes or redirections; errors are printed
 * with cmd_error(), which puts the command's name in front, and may go to a file as well. @run
 * returns 0 or a positive exit status. Each command runs in a thread of its own that has its name.
 * A command that runs or reads for long polls console_interrupted(), which is also true once nobody
 * reads the command's output.
 */
struct cmd_context {
	int argc;
	char **argv;
	struct file *in, *out;	/* in is NULL without a pipe or `<` */
	/* The rest is the shell's own. */
	struct file *err;	/* where errors go; NULL: to the console */
	const char *out_name;	/* the file after `>`, or NULL */
	int out_error;		/* error of the first write that failed; no later one is tried */
	unsigned int nr_errors;	/* number of calls of cmd_error() */
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
void cmd_write_error(struct cmd_context *ctx, const char *buf, size_t len);	/* as it is */

/*
 * Run a line or script (lists of commands: kernel/shell/parse.h). One that fails does not end it.
 * Returns 0, or the first exit status of a list that was not 0: a command's own, 127 for an unknown
 * command, 2 for a syntax error, or 130 if Ctrl-C ended the script. Called by a command, it uses
 * that command's files for input and output.
 */
int shell_run(const char *script);
/*
 * The same with the text that is piped into the console: each whole line as it comes, to the end.
 */
int shell_run_piped(void);
/* Run a command and its arguments, without any parsing, with the files of @ctx; its exit status. */
int shell_exec(struct cmd_context *ctx, int argc, char **argv);
/* The interactive loop; never returns. */
void shell_main(void) __attribute__((noreturn));
