/* SPDX-License-Identifier: MIT */
/*
 * The line editor: keys, the line, the screen and the history. Completion of words is in
 * complete.c. A line that is longer than the screen scrolls sideways, so that the terminal never
 * wraps it. A UTF-8 character counts as one column, however many bytes it has.
 */
#include "kernel/lib/ctype.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/shell/lineedit_internal.h"

#define CTRL(c) ((c) & 0x1f)
#define ESCAPE 0x1b
#define DELETE 0x7f

/* --- The screen --- */

void lineedit_write(struct lineedit *le, const char *buf, size_t len)
{
	le->io->write(le->io->arg, buf, len);
}

void lineedit_bell(struct lineedit *le)
{
	lineedit_write(le, "\a", 1);
}

static bool continues_char(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t text_width(const char *text, size_t len)
{
	size_t width = 0;

	while (len--)
		width += !continues_char(*text++);
	return width;
}

/* Columns for the line after the prompt. The last one is left free, because a full row may wrap. */
static size_t screen_room(const struct lineedit *le)
{
	return le->columns - text_width(le->prompt, strlen(le->prompt)) - 1;
}

/*
 * Move the window so that the cursor is in it. It moves by half its width, so that it seldom moves
 * while text is pasted.
 */
static void scroll(struct lineedit *le)
{
	size_t room = screen_room(le), half = room / 2;

	if (le->cursor >= le->window &&
	    text_width(le->line + le->window, le->cursor - le->window) <= room)
		return;
	le->window = le->cursor;
	while (le->window && half) {
		le->window--;
		half -= !continues_char(le->line[le->window]);
	}
}

void lineedit_flush(struct lineedit *le)
{
	size_t room = screen_room(le), end, column;
	char move[32];

	if (!le->dirty)
		return;
	le->dirty = false;
	scroll(le);
	/* Find where the window ends; a character takes one column, but may have several bytes. */
	for (end = le->window; end < le->len && room; room--)
		for (end++; end < le->len && continues_char(le->line[end]); end++)
			;
	lineedit_write(le, "\r", 1);
	lineedit_write(le, le->prompt, strlen(le->prompt));
	lineedit_write(le, le->line + le->window, end - le->window);
	lineedit_write(le, "\033[K", 3);
	if (le->cursor == end)
		return;
	column = text_width(le->prompt, strlen(le->prompt)) +
		 text_width(le->line + le->window, le->cursor - le->window);
	scnprintf(move, sizeof(move), column ? "\r\033[%uC" : "\r", (unsigned int)column);
	lineedit_write(le, move, strlen(move));
}

/* --- The line --- */

void lineedit_insert(struct lineedit *le, const char *text, size_t len)
{
	bool at_end = le->cursor == le->len;

	if (len > SHELL_LINE_MAX - le->len) {
		if (!le->too_long)
			lineedit_bell(le);
		le->too_long = true;
		return;
	}
	memmove(le->line + le->cursor + len, le->line + le->cursor, le->len - le->cursor + 1);
	memcpy(le->line + le->cursor, text, len);
	le->len += len;
	le->cursor += len;
	/* Typing at the end of a short line, the common case, needs only an echo. */
	if (at_end && !le->dirty &&
	    text_width(le->line + le->window, le->len - le->window) < screen_room(le))
		lineedit_write(le, text, len);
	else
		le->dirty = true;
}

static void erase(struct lineedit *le, size_t from, size_t to)
{
	if (from == to) {
		lineedit_bell(le);
		return;
	}
	memmove(le->line + from, le->line + to, le->len - to + 1);
	le->len -= to - from;
	le->cursor = from;
	if (!le->len)
		le->too_long = false;
	le->dirty = true;
}

static void move_to(struct lineedit *le, size_t cursor)
{
	le->cursor = cursor;
	le->dirty = true;
}

static size_t char_before(const struct lineedit *le)
{
	size_t at = le->cursor;

	while (at && continues_char(le->line[--at]))
		;
	return at;
}

static size_t char_after(const struct lineedit *le)
{
	size_t at = le->cursor;

	if (at < le->len)
		at++;
	while (at < le->len && continues_char(le->line[at]))
		at++;
	return at;
}

static size_t word_before(const struct lineedit *le)
{
	size_t at = le->cursor;

	while (at && le->line[at - 1] == ' ')
		at--;
	while (at && le->line[at - 1] != ' ')
		at--;
	return at;
}

static size_t word_after(const struct lineedit *le)
{
	size_t at = le->cursor;

	while (at < le->len && le->line[at] == ' ')
		at++;
	while (at < le->len && le->line[at] != ' ')
		at++;
	return at;
}

static void replace_line(struct lineedit *le, const char *text)
{
	le->len = strlen(text);
	memcpy(le->line, text, le->len + 1);
	le->cursor = le->len;
	le->window = 0;
	le->too_long = false;
	le->dirty = true;
}

/* --- The history --- */

static void history_up(struct lineedit *le)
{
	if (!le->history_pos) {
		lineedit_bell(le);
		return;
	}
	if (le->history_pos == le->history_used)
		memcpy(le->typed, le->line, le->len + 1);
	le->history_pos--;		/* the terminator of the line before */
	while (le->history_pos && le->history[le->history_pos - 1])
		le->history_pos--;
	replace_line(le, le->history + le->history_pos);
}

static void history_down(struct lineedit *le)
{
	if (le->history_pos == le->history_used) {
		lineedit_bell(le);
		return;
	}
	le->history_pos += strlen(le->history + le->history_pos) + 1;
	replace_line(le, le->history_pos == le->history_used ? le->typed
							      : le->history + le->history_pos);
}

void lineedit_history_add(struct lineedit *le, const char *line)
{
	size_t size = strlen(line) + 1, last, drop;

	for (last = le->history_used ? le->history_used - 1 : 0; last && le->history[last - 1];)
		last--;
	if (size == 1 || size > SHELL_LINE_MAX + 1 || *line == ' ' ||
	    (le->history_used && !strcmp(le->history + last, line)))
		goto out;
	/* Drop the oldest lines until there is room. */
	while (le->history_used + size > sizeof(le->history)) {
		drop = strlen(le->history) + 1;
		le->history_used -= drop;
		memmove(le->history, le->history + drop, le->history_used);
	}
	memcpy(le->history + le->history_used, line, size);
	le->history_used += size;
out:
	le->history_pos = le->history_used;
}

/* --- The keys --- */

static enum lineedit_event end_line(struct lineedit *le, enum lineedit_event event)
{
	lineedit_flush(le);
	if (event == LINEEDIT_INTERRUPT)
		lineedit_write(le, "^C", 2);
	lineedit_write(le, "\n", 1);
	return event;
}

static void clear_screen(struct lineedit *le)
{
	lineedit_write(le, "\033[H\033[2J", 7);
	le->dirty = true;
}

static enum lineedit_event control_key(struct lineedit *le, char c)
{
	switch (c) {
	case CTRL('A'):
		move_to(le, 0);
		break;
	case CTRL('B'):
		move_to(le, char_before(le));
		break;
	case CTRL('C'):
		return end_line(le, LINEEDIT_INTERRUPT);
	case CTRL('D'):
		/* As in other shells: ends the input on an empty line, and erases elsewhere. */
		if (!le->len)
			return end_line(le, LINEEDIT_EOF);
		erase(le, le->cursor, char_after(le));
		break;
	case CTRL('E'):
		move_to(le, le->len);
		break;
	case CTRL('F'):
		move_to(le, char_after(le));
		break;
	case CTRL('H'):
	case DELETE:
		erase(le, char_before(le), le->cursor);
		break;
	case CTRL('K'):
		erase(le, le->cursor, le->len);
		break;
	case CTRL('L'):
		clear_screen(le);
		break;
	case CTRL('N'):
		history_down(le);
		break;
	case CTRL('P'):
		history_up(le);
		break;
	case CTRL('U'):
		erase(le, 0, le->cursor);
		break;
	case CTRL('W'):
		erase(le, word_before(le), le->cursor);
		break;
	}
	return LINEEDIT_NONE;
}

/* The last byte of "ESC [ ... X" or "ESC O X". */
static void function_key(struct lineedit *le, char c)
{
	bool by_word = le->key_modifier > 1;		/* Ctrl, Alt or Shift */

	if (c == '~')
		c = le->key_param == 1 || le->key_param == 7 ? 'H' :
		    le->key_param == 4 || le->key_param == 8 ? 'F' :
		    le->key_param == 3 ? '~' : 0;
	switch (c) {
	case 'A':
		history_up(le);
		break;
	case 'B':
		history_down(le);
		break;
	case 'C':
		move_to(le, by_word ? word_after(le) : char_after(le));
		break;
	case 'D':
		move_to(le, by_word ? word_before(le) : char_before(le));
		break;
	case 'H':
		move_to(le, 0);
		break;
	case 'F':
		move_to(le, le->len);
		break;
	case '~':
		erase(le, le->cursor, char_after(le));
		break;
	}
}

static void alt_key(struct lineedit *le, char c)
{
	if (c == 'b')
		move_to(le, word_before(le));
	else if (c == 'f')
		move_to(le, word_after(le));
	else if (c == 'd')
		erase(le, le->cursor, word_after(le));
	else if (c == CTRL('H') || c == DELETE)
		erase(le, word_before(le), le->cursor);
}

static void csi_byte(struct lineedit *le, char c)
{
	unsigned int *number = le->key_second_param ? &le->key_modifier : &le->key_param;

	if (isdigit(c)) {
		if (*number < 1000)
			*number = *number * 10 + (unsigned int)(c - '0');
	} else if (c == ';') {
		le->key_second_param = true;
		le->key_modifier = 0;
	} else if (c >= '@') {
		le->key_state = KEY_PLAIN;
		function_key(le, c);
	}
}

/* Handle a byte of an escape sequence. False if @c ends the sequence early and is a key itself. */
static bool sequence_byte(struct lineedit *le, char c)
{
	bool in_esc = le->key_state == KEY_ESC;

	/* A control character ends any sequence, so that Ctrl-C works after half of one. */
	if ((c & ~0x1f) == 0 && !(in_esc && c == CTRL('H'))) {
		le->key_state = KEY_PLAIN;
		return false;
	}
	if (le->key_state == KEY_CSI) {
		csi_byte(le, c);
	} else if (in_esc && (c == '[' || c == 'O')) {
		le->key_state = c == '[' ? KEY_CSI : KEY_SS3;
		le->key_param = le->key_modifier = 0;
		le->key_second_param = false;
	} else {
		le->key_state = KEY_PLAIN;
		if (in_esc)
			alt_key(le, c);
		else
			function_key(le, c);
	}
	return true;
}

enum lineedit_event lineedit_input(struct lineedit *le, char c)
{
	bool after_cr = le->last_was_cr, again = le->last_was_tab;

	le->last_was_cr = c == '\r';
	le->last_was_tab = false;
	if (le->key_state != KEY_PLAIN && sequence_byte(le, c))
		return LINEEDIT_NONE;
	if (c == ESCAPE) {
		le->key_state = KEY_ESC;
	} else if (c == '\n' && after_cr) {
		;			/* "\r\n" is one Enter */
	} else if (c == '\r' || c == '\n') {
		return end_line(le, le->too_long ? LINEEDIT_TOO_LONG : LINEEDIT_LINE);
	} else if (c == '\t') {
		lineedit_complete(le, again);
		le->last_was_tab = true;
	} else if ((unsigned char)c < ' ' || c == DELETE) {
		return control_key(le, c);
	} else {
		lineedit_insert(le, &c, 1);
	}
	return LINEEDIT_NONE;
}

void lineedit_init(struct lineedit *le, const struct lineedit_io *io)
{
	memset(le, 0, sizeof(*le));
	le->io = io;
	le->columns = 80;
}

void lineedit_start(struct lineedit *le, const char *prompt)
{
	size_t len = strlen(prompt), most = min(sizeof(le->prompt) - 1, (size_t)le->columns / 2);

	/* A long prompt is cut in front, because the end of a path says more. */
	if (len > most)
		prompt += len - most;
	strscpy(le->prompt, prompt, sizeof(le->prompt));
	le->line[0] = '\0';
	le->len = le->cursor = le->window = 0;
	le->too_long = false;
	le->last_was_tab = false;
	le->key_state = KEY_PLAIN;
	le->history_pos = le->history_used;
	lineedit_write(le, le->prompt, strlen(le->prompt));
	le->dirty = false;
}
