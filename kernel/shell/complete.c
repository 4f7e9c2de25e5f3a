/* SPDX-License-Identifier: MIT */
/*
 * Tab completion, a part of the line editor: finds the word before the cursor by the parser's rules
 * (parse.c), asks for the names that could complete it, extends the word by what they have in
 * common, and lists them.
 */
#include "kernel/lib/string.h"
#include "kernel/shell/lineedit_internal.h"

/* The word before the cursor, quotes removed, in le->word. */
struct word_place {
	const char *base;		/* its last path component */
	bool command;			/* it is where a command's name is expected */
	char quote;			/* the quote that is open at the cursor, or 0 */
	bool usable;			/* it can be completed */
};

struct candidates {
	struct lineedit *le;
	const char *base;
	size_t base_len;
	unsigned int count;
	size_t longest;
	char common[LINEEDIT_NAME_MAX + 1];
	char suffix;			/* of the first one */
	size_t columns, column;		/* while listing */
};

struct word_scan {
	bool in_word, redirect, command;
	char quote;
	size_t len;
};

static void scan_start(struct word_scan *scan)
{
	if (!scan->in_word)
		scan->len = 0;
	scan->in_word = true;
}

static void scan_end(struct word_scan *scan)
{
	if (!scan->in_word)
		return;
	scan->in_word = false;
	if (!scan->redirect)
		scan->command = false;
	scan->redirect = false;
}

/* If @c, which is not quoted, ends words, note what that means for the next one; else false. */
static bool scan_operator(struct word_scan *scan, char c)
{
	if (c != ' ' && c != '\t' && (!c || !strchr(";|&<>", c)))
		return false;
	scan_end(scan);
	if (c == '<' || c == '>')
		scan->redirect = true;
	else if (c == ';' || c == '|' || c == '&')
		scan->command = true;
	return true;
}

static struct word_place find_word(struct lineedit *le)
{
	struct word_scan scan = { .command = true };
	struct word_place place = { 0 };
	const char *slash;
	size_t i;
	char c;

	for (i = 0; i < le->cursor; i++) {
		c = le->line[i];
		if (!scan.quote && scan_operator(&scan, c))
			continue;
		scan_start(&scan);
		if (scan.quote ? c == scan.quote : c == '\'' || c == '"') {
			scan.quote = scan.quote ? 0 : c;
			continue;
		}
		/* Between a backslash and the byte that it quotes nothing can be completed. */
		if (c == '\\' && scan.quote != '\'') {
			if (++i == le->cursor)
				return place;
			c = le->line[i];
		}
		if (scan.len == sizeof(le->word) - 1)
			return place;
		le->word[scan.len++] = c;
	}
	if (!scan.in_word)
		scan.len = 0;
	le->word[scan.len] = '\0';
	slash = strrchr(le->word, '/');
	place.base = slash ? slash + 1 : le->word;
	/* A word with a slash is completed as a file, even where a command is expected. */
	place.command = scan.command && !scan.redirect && !slash;
	place.quote = scan.quote;
	place.usable = true;
	return place;
}

static bool is_candidate(const struct candidates *found, const char *name)
{
	return !strncmp(name, found->base, found->base_len) &&
	       strnlen(name, LINEEDIT_NAME_MAX + 1) <= LINEEDIT_NAME_MAX;
}

static void count_one(void *cookie, const char *name, char suffix)
{
	struct candidates *found = cookie;
	size_t len = 0;

	if (!is_candidate(found, name))
		return;
	if (!found->count++) {
		strscpy(found->common, name, sizeof(found->common));
		found->suffix = suffix;
	}
	while (found->common[len] && found->common[len] == name[len])
		len++;
	found->common[len] = '\0';
	found->longest = max(found->longest, strlen(name));
}

static void list_one(void *cookie, const char *name, char suffix)
{
	struct candidates *found = cookie;
	size_t len = strlen(name);

	if (!is_candidate(found, name))
		return;
	lineedit_write(found->le, name, len);
	if (suffix == '/') {
		lineedit_write(found->le, "/", 1);
		len++;
	}
	if (++found->column == found->columns) {
		found->column = 0;
		lineedit_write(found->le, "\n", 1);
		return;
	}
	/* Pad only if another name follows in this row. */
	for (; len < found->longest + 3; len++)
		lineedit_write(found->le, " ", 1);
}

static void list_all(struct lineedit *le, const struct word_place *place, struct candidates *found)
{
	found->columns = max((size_t)le->columns / (found->longest + 3), (size_t)1);
	found->column = 0;
	lineedit_flush(le);
	lineedit_write(le, "\n", 1);
	le->io->complete(le->io->arg, le->word, place->command, list_one, found);
	if (found->column)
		lineedit_write(le, "\n", 1);
	le->dirty = true;
}

/* Insert @text, quoted so that the parser reads it as it is; @quote is the open quote, or 0. */
static void insert_quoted(struct lineedit *le, const char *text, char quote)
{
	for (; *text; text++) {
		if (quote == '\'' && *text == '\'')
			lineedit_insert(le, "'\\'", 3);
		else if (quote == '"' ? !!strchr("\"\\$`", *text)
			 : !quote && strchr(" \t\\'\"#;|&<>", *text))
			lineedit_insert(le, "\\", 1);
		lineedit_insert(le, text, 1);
	}
}

void lineedit_complete(struct lineedit *le, bool again)
{
	struct word_place place = find_word(le);
	struct candidates found = { .le = le, .base = place.base };
	bool extended;

	if (!place.usable || !le->io->complete) {
		lineedit_bell(le);
		return;
	}
	found.base_len = strlen(place.base);
	le->io->complete(le->io->arg, le->word, place.command, count_one, &found);
	extended = found.count && strlen(found.common) > found.base_len;
	if (extended)
		insert_quoted(le, found.common + found.base_len, place.quote);
	if (found.count == 1) {
		/* After a directory the path may go on, so a quote is left open. */
		if (found.suffix != '/' && place.quote)
			lineedit_insert(le, &place.quote, 1);
		lineedit_insert(le, &found.suffix, 1);
	} else if (found.count && again && !extended) {
		list_all(le, &place, &found);
	} else if (!extended) {
		lineedit_bell(le);
	}
}
