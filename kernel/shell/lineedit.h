/* SPDX-License-Identifier: MIT */
/*
 * Line editing for a terminal that speaks ANSI: bytes in, events and screen
 * updates out. It knows neither the UART nor the VFS: both come as callbacks.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/shell/parse.h"
#include "kernel/types.h"

#define LINEEDIT_HISTORY_SIZE 16384	/* bytes of lines kept; the oldest go first */
#define LINEEDIT_NAME_MAX 255

enum lineedit_event {
	LINEEDIT_NONE,		/* go on feeding bytes */
	LINEEDIT_LINE,		/* Enter: le->line is the line */
	LINEEDIT_TOO_LONG,	/* Enter, but bytes beyond SHELL_LINE_MAX had to be dropped */
	LINEEDIT_INTERRUPT,	/* Ctrl-C: the line is dropped */
	LINEEDIT_EOF,		/* Ctrl-D on an empty line */
};

/* Offer one completion: its whole name (last path component), and what follows: ' ' or '/'. */
typedef void (*lineedit_add_t)(void *cookie, const char *name, char suffix);

struct lineedit_io {
	void (*write)(void *arg, const char *buf, size_t len);	/* sends "\n" as it is */
	/*
	 * Call add(cookie, ...) for every name that could stand in for @word (quotes removed), in
	 * name order: commands when @command, else entries of the directory that @word names up to
	 * its last '/'. Those that do not begin as @word ends are dropped here. May be NULL.
	 */
	void (*complete)(void *arg, const char *word, bool command, lineedit_add_t add,
			 void *cookie);
	void *arg;
};

struct lineedit {
	const struct lineedit_io *io;
	char prompt[128];
	unsigned int columns;		/* of the terminal; 80 unless set */

	char line[SHELL_LINE_MAX + 1];	/* terminated */
	size_t len, cursor;
	size_t window;			/* first byte shown: a long line scrolls sideways */
	bool too_long;
	bool dirty;			/* the screen is behind: lineedit_flush() */

	enum { KEY_PLAIN, KEY_ESC, KEY_CSI, KEY_SS3 } key_state;
	unsigned int key_param, key_modifier;	/* of "ESC [ param ; modifier X" */
	bool key_second_param;
	bool last_was_cr, last_was_tab;
	char word[1024];		/* the word being completed, quotes removed */

	char history[LINEEDIT_HISTORY_SIZE];	/* lines, each terminated, oldest first */
	size_t history_used;
	size_t history_pos;		/* the line shown; history_used = the one being typed */
	char typed[SHELL_LINE_MAX + 1];	/* what was being typed when history was entered */
};

/* Once, before anything else. No history, no prompt. */
void lineedit_init(struct lineedit *le, const struct lineedit_io *io);
/* Begin an empty line: shows @prompt (cut to what fits). */
void lineedit_start(struct lineedit *le, const char *prompt);
/* One byte from the keyboard. After any event but NONE call lineedit_start() next. */
enum lineedit_event lineedit_input(struct lineedit *le, char c);
/* Bring the screen up to date. Call when no input waits, so that a paste is drawn once. */
void lineedit_flush(struct lineedit *le);
/* Remember @line, unless it is empty, begins with a blank, or repeats the last one. */
void lineedit_history_add(struct lineedit *le, const char *line);
