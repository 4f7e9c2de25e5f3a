/* SPDX-License-Identifier: MIT */
/*
 * The shell's parser: reads one pipeline at a time from the text into a structure of fixed size.
 * parse.h describes the grammar. The input is untrusted; what is not understood gives a message
 * that names it.
 */
#include <stdarg.h>
#include "kernel/lib/ctype.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/shell/parse.h"

struct parser {
	const char *pos, *start;	/* the next byte; the pipeline's first byte */
	const char *joined;		/* after the last backslash and newline, or NULL */
	struct shell_pipeline *p;
	struct shell_stage *stage;
	char status[12];		/* what $? stands for */
};

static int __printf(2, 3) fail(struct parser *ps, const char *fmt, ...)
{
	va_list args;

	ps->p->error_at = ps->pos;
	ps->p->unfinished = !*ps->pos;
	va_start(args, fmt);
	vscnprintf(ps->p->error, sizeof(ps->p->error), fmt, args);
	va_end(args);
	return -EINVAL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool ends_word(char c)
{
	return !c || is_blank(c) || c == '\n' || strchr(";|<>&", c);
}

/* Skip blanks, backslashes that join lines, and a comment up to its newline. */
static void skip_blanks(struct parser *ps)
{
	for (;;) {
		if (is_blank(*ps->pos))
			ps->pos++;
		else if (ps->pos[0] == '\\' && ps->pos[1] == '\n')
			ps->joined = ps->pos += 2;
		else
			break;
	}
	if (*ps->pos == '#')
		while (*ps->pos && *ps->pos != '\n')
			ps->pos++;
}

/* The same, but skip newlines as well, as before a pipeline and after `|`. */
static void skip_lines(struct parser *ps)
{
	skip_blanks(ps);
	while (*ps->pos == '\n') {
		ps->pos++;
		skip_blanks(ps);
	}
}

static int append_char(struct parser *ps, char c)
{
	struct shell_pipeline *p = ps->p;

	/* Only $? becomes longer than its source, so no other check of the room is needed. */
	if (p->text_used == sizeof(p->text) || ps->pos - ps->start > SHELL_LINE_MAX)
		return fail(ps, "line too long (the limit is %d bytes)", SHELL_LINE_MAX);
	p->text[p->text_used++] = c;
	return 0;
}

static int append_text(struct parser *ps, const char *text)
{
	int err = 0;

	while (*text && !err)
		err = append_char(ps, *text++);
	return err;
}

/* Is @c, the byte before ps->pos, which neither \ nor ' quotes, the start of $?: go past it. */
static bool takes_status(struct parser *ps, char c)
{
	if (c != '$' || *ps->pos != '?')
		return false;
	ps->pos++;
	return true;
}

/* Read quoted text up to the closing @quote; the opening one is just before ps->pos. */
static int read_quoted(struct parser *ps, char quote)
{
	const char *opened = ps->pos - 1;
	int err = 0;
	char c;

	while (!err) {
		c = *ps->pos;
		if (!c) {
			err = fail(ps, "unterminated quote %c", quote);
			/* Report where it begins; where it ends may be the end of the script. */
			ps->p->error_at = opened;
			return err;
		}
		ps->pos++;
		if (c == quote)
			break;
		if (quote == '"' && takes_status(ps, c)) {
			err = append_text(ps, ps->status);
			continue;
		}
		if (quote == '"' && c == '\\' && *ps->pos && strchr("\"\\$`\n", *ps->pos)) {
			c = *ps->pos++;
			if (c == '\n')
				continue;
		}
		err = append_char(ps, c);
	}
	return err;
}

/* Mark the next byte of the text as a special character, one that was not quoted. */
static void mark_magic(struct shell_pipeline *p)
{
	p->has_magic = true;
	if (p->text_used < sizeof(p->text))
		p->magic[p->text_used / 8] |= (u8)(1u << p->text_used % 8);
}

/* Read the word at ps->pos, which has at least one byte, to *@word. */
static int read_word(struct parser *ps, char **word)
{
	int err = 0;
	char c;

	*word = ps->p->text + ps->p->text_used;
	while (!err && !ends_word(*ps->pos)) {
		const char *source = ps->pos;

		c = *ps->pos++;
		if (c == '\'' || c == '"') {
			err = read_quoted(ps, c);
			continue;
		}
		if (takes_status(ps, c)) {
			err = append_text(ps, ps->status);
			continue;
		}
		if (c == '\\') {
			c = *ps->pos;
			if (!c)
				return fail(ps, "nothing after the backslash at the end");
			ps->pos++;
			/* A backslash and a newline join two lines; neither belongs to the word. */
			if (c == '\n') {
				ps->joined = ps->pos;
				continue;
			}
		}
		/* *source is the backslash if there was one: then the character is not special. */
		if (c == *source && strchr("*?[", c))
			mark_magic(ps->p);
		err = append_char(ps, c);
	}
	return err ? err : append_char(ps, '\0');
}

/* Refuse `1> file`, which would silently become the word 1 and a redirection of the output. */
static int check_descriptor(struct parser *ps, const char *source)
{
	if (*ps->pos != '<' && *ps->pos != '>')
		return 0;
	while (source < ps->pos && isdigit(*source))
		source++;
	if (source < ps->pos)
		return 0;
	return fail(ps, "a number before %c: only < and > without one, and 2>, are known",
		    *ps->pos);
}

static int add_word(struct parser *ps)
{
	struct shell_pipeline *p = ps->p;
	const char *source = ps->pos;
	char *word;
	int err;

	err = read_word(ps, &word);
	if (err)
		return err;
	err = check_descriptor(ps, source);
	if (err)
		return err;
	/* nr_words also counts the NULLs of the stages before, which have room of their own. */
	if (p->nr_words - (p->nr_stages - 1) == SHELL_WORDS_MAX)
		return fail(ps, "too many words (the limit is %d)", SHELL_WORDS_MAX);
	p->words[p->nr_words++] = word;
	ps->stage->argc++;
	return 0;
}

/* The `2>` of a `2>&1` was read: the errors go where the output goes. */
static int send_errors_to_output(struct parser *ps)
{
	if (ps->pos[1] != '1' || !ends_word(ps->pos[2]))
		return fail(ps, "after 2>& only 1 is known");
	ps->pos += 2;
	ps->stage->err_to_out = true;
	return 0;
}

/* Read the `<`, or the `>`, `>>`, `2>` or `2>>`, at ps->pos, and its file name. */
static int add_redirection(struct parser *ps)
{
	static const char *const whats[] = { "input", "output", "errors" };
	enum { INPUT, OUTPUT, ERRORS } what = *ps->pos == '<' ? INPUT :
					      *ps->pos == '>' ? OUTPUT : ERRORS;
	struct shell_stage *stage = ps->stage;
	const char **path = what == INPUT ? &stage->in_path :
			    what == OUTPUT ? &stage->out_path : &stage->err_path;
	const char *name = ps->pos;
	int name_len, err;
	bool append;
	char *word;

	ps->pos += what == ERRORS ? 2 : 1;
	append = what != INPUT && *ps->pos == '>';
	ps->pos += append;
	/* Other shells open both files and use the last one; here it is reported as a mistake. */
	if (*path || (what == ERRORS && stage->err_to_out))
		return fail(ps, "two files for the %s", whats[what]);
	if (what == ERRORS && !append && *ps->pos == '&')
		return send_errors_to_output(ps);
	/* Elsewhere the errors then go where the output went before; that is hardly ever meant. */
	if (what == OUTPUT && stage->err_to_out)
		return fail(ps, "2>&1 before >: write it after the file's name");
	name_len = (int)(ps->pos - name);
	skip_blanks(ps);
	if (ends_word(*ps->pos))
		return fail(ps, "missing file name after %.*s", name_len, name);
	err = read_word(ps, &word);
	if (err)
		return err;
	if (!*word)
		return fail(ps, "empty file name after %.*s", name_len, name);
	*path = word;
	if (what == OUTPUT)
		stage->append = append;
	else if (what == ERRORS)
		stage->err_append = append;
	return 0;
}

/* The operator at @pos, for a message. */
static const char *operator_at(const char *pos)
{
	if (pos[0] == pos[1])
		return *pos == '&' ? "&&" : "||";
	return *pos == '&' ? "&" : "|";
}

/* Read one stage. */
static int read_stage(struct parser *ps)
{
	struct shell_pipeline *p = ps->p;
	int err = 0;

	if (p->nr_stages == SHELL_STAGES_MAX)
		return fail(ps, "too many pipe stages (the limit is %d)", SHELL_STAGES_MAX);
	ps->stage = &p->stages[p->nr_stages++];
	*ps->stage = (struct shell_stage){ .argv = &p->words[p->nr_words] };
	while (!err) {
		skip_blanks(ps);
		if (*ps->pos == '<' || *ps->pos == '>' || (ps->pos[0] == '2' && ps->pos[1] == '>'))
			err = add_redirection(ps);
		else if (ends_word(*ps->pos))
			break;
		else
			err = add_word(ps);
	}
	/* The NULL is added after an error, too, because callers may walk the words. */
	p->words[p->nr_words++] = NULL;
	if (err || ps->stage->argc || ps->stage->in_path || ps->stage->out_path ||
	    ps->stage->err_path || ps->stage->err_to_out)
		return err;
	if (p->nr_stages > 1)
		return fail(ps, "empty pipe stage (nothing after |)");
	return fail(ps, "nothing before %s", operator_at(ps->pos));
}

static bool at_pipe(const struct parser *ps)
{
	return ps->pos[0] == '|' && ps->pos[1] != '|';
}

static int read_pipeline(struct parser *ps)
{
	int err;

	for (;;) {
		err = read_stage(ps);
		if (err || !at_pipe(ps))
			break;
		ps->pos++;
		if (ps->stage->out_path)
			return fail(ps, "both > %.40s and | want the output", ps->stage->out_path);
		skip_lines(ps);
	}
	if (!err && ps->pos - ps->start > SHELL_LINE_MAX)
		return fail(ps, "line too long (the limit is %d bytes)", SHELL_LINE_MAX);
	return err;
}

/* Read the `&`, `&&` or `||` that follows the pipeline, if there is one. */
static int read_end(struct parser *ps)
{
	const char *at = ps->pos;

	if (*at != '&' && *at != '|')
		return 0;
	if (at[0] != at[1]) {
		ps->p->end = SHELL_END_BACKGROUND;
		ps->pos++;
		return 0;
	}
	ps->p->end = *at == '&' ? SHELL_END_AND : SHELL_END_OR;
	ps->pos += 2;
	skip_lines(ps);
	if (!*ps->pos || strchr(";|&", *ps->pos))
		return fail(ps, "nothing after %s", operator_at(at));
	return 0;
}

/* Only the first stage may redirect its input. */
static int check_inputs(struct parser *ps)
{
	unsigned int i;

	for (i = 1; i < ps->p->nr_stages; i++)
		if (ps->p->stages[i].in_path)
			return fail(ps, "both < %.40s and | want to be the input",
				    ps->p->stages[i].in_path);
	return 0;
}

int shell_parse(const char **script, int status, struct shell_pipeline *p)
{
	struct parser ps = { .pos = *script, .p = p };
	int err;

	scnprintf(ps.status, sizeof(ps.status), "%d", status);
	p->nr_stages = p->nr_words = 0;
	p->end = SHELL_END;
	p->text_used = 0;
	p->has_magic = false;
	memset(p->magic, 0, sizeof(p->magic));
	p->error[0] = '\0';
	p->error_at = NULL;
	p->unfinished = false;
	skip_lines(&ps);
	while (*ps.pos == ';') {
		ps.pos++;
		skip_lines(&ps);
	}
	*script = p->source = ps.pos;
	p->unfinished = ps.pos == ps.joined;
	if (!*ps.pos)
		return 0;
	ps.start = ps.pos;
	err = read_pipeline(&ps);
	p->source_end = ps.pos;
	if (!err)
		err = check_inputs(&ps);
	if (!err)
		err = read_end(&ps);
	if (!err)
		p->unfinished = !*ps.pos && ps.pos == ps.joined;
	/* Skip the rest of the line, so that the script goes on with the next one. */
	if (err)
		while (*ps.pos && *ps.pos != '\n')
			ps.pos++;
	*script = ps.pos;
	return err ? err : 1;
}
