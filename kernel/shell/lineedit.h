/* SPDX-License-Identifier: MIT */
/*
 * A line editor for an ANSI terminal: it takes bytes from the keyboard, and produces events and
 * updates of the screen. It reaches the UART and the file system only through callbacks.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/shell/parse.h"
#include "kernel/types.h"

#define LINEEDIT_HISTORY_SIZE 16384	/* bytes; the oldest lines are dropped */
#define LINEEDIT_NAME_MAX 255

enum lineedit_event {
	LINEEDIT_NONE,		/* go on feeding bytes */
	LINEEDIT_LINE,		/* Enter: le->line is the line */
	LINEEDIT_TOO_LONG,	/* Enter, but bytes beyond SHELL_LINE_MAX had to be dropped */
	LINEEDIT_INTERRUPT,	/* Ctrl-C: the line is dropped */
	LINEEDIT_EOF,		/* Ctrl-D on an empty line */
};

/* Offer a completion: its whole name (a last path component), and ' ' or '/' to put after it. */
typedef void (*lineedit_add_t)(void *cookie, const char *name, char suffix);

struct lineedit_io {
	void (*write)(void *arg, const char *buf, size_t len);	/* lines end with a bare "\n" */
	/*
	 * Call add(cookie, ...) in name order for every command, if @command is set, or otherwise
	 * for every entry of the directory that @word (without its quotes) names up to its last
	 * '/'. Names that do not begin with the rest of @word are ignored. May be NULL.
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
	size_t window;			/* the first byte that is shown of a long line */
	bool too_long;			/* bytes were dropped */
	bool dirty;			/* the screen is out of date: lineedit_flush() */

	enum { KEY_PLAIN, KEY_ESC, KEY_CSI, KEY_SS3 } key_state;
	unsigned int key_param, key_modifier;	/* of "ESC [ param ; modifier X" */
	bool key_second_param;
	bool last_was_cr, last_was_tab;
	char word[1024];		/* the word being completed, quotes removed */

	char history[LINEEDIT_HISTORY_SIZE];	/* lines, each terminated, oldest first */
	size_t history_used;
	size_t history_pos;		/* the line shown; history_used for the one being typed */
	char typed[SHELL_LINE_MAX + 1];	/* the line being typed, while an old one is shown */
};

/* Called once, before all others. The history is empty. */
void lineedit_init(struct lineedit *le, const struct lineedit_io *io);
/* Begin an empty line and show @prompt, of which the start is cut off if it is too long. */
void lineedit_start(struct lineedit *le, const char *prompt);
/* Handle a byte from the keyboard. After any event but NONE, call lineedit_start() next. */
enum lineedit_event lineedit_input(struct lineedit *le, char c);
/* Update the screen. Called when no input is waiting, so that pasted text is drawn once. */
void lineedit_flush(struct lineedit *le);
/* Add @line to the history, unless it is empty, begins with a blank, or repeats the last line. */
void lineedit_history_add(struct lineedit *le, const char *line);
