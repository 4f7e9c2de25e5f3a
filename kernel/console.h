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
/* From the UART interrupt: one received byte. Ctrl-C sets the interrupted flag. */
void console_input(char c);
/* Next byte of input; sleeps. */
int console_getchar(void);
void console_write(const char *buf, size_t len);	/* '\n' becomes "\r\n" */
/* Ctrl-C since the last call that cleared it: long-running commands poll this. */
bool console_interrupted(void);
void console_clear_interrupted(void);

/*
 * A command. stdin/stdout of the command are files (pipes and redirections included);
 * errors go through cmd_error(), which prefixes the command's name. Returns 0 or an exit
 * status > 0.
 */
struct cmd_context {
	int argc;
	char **argv;
	struct file *in, *out;	/* in is NULL on an interactive console without pipe */
};
struct shell_command {
	const char *name, *usage, *help;
	int (*run)(struct cmd_context *ctx);
};
#define SHELL_COMMAND(ident, usage_, help_, fn)				\
	static const struct shell_command shell_command_##ident __used	\
	__section(".shell_commands") __aligned(sizeof(long)) =		\
	{ #ident, usage_, help_, fn }
void cmd_printf(struct cmd_context *ctx, const char *fmt, ...) __printf(2, 3);
void cmd_write(struct cmd_context *ctx, const char *buf, size_t len);
int cmd_error(struct cmd_context *ctx, const char *fmt, ...) __printf(2, 3);	/* returns 1 */

/* Run one line (or script, lines separated by newline or ;). Exit status of the last command. */
int shell_run(const char *script);
/* The interactive loop; never returns. */
void shell_main(void) __attribute__((noreturn));
