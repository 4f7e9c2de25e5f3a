/* SPDX-License-Identifier: MIT */
/*
 * A script that is piped into the console. Each line runs as soon as it has come, so that the
 * program that writes the script can wait for the result of one line before it writes the next. A
 * line that is not complete (by an open quote, or a `|` or backslash at its end) waits for the next
 * one.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/shell/shell.h"

#define PART_MAX (1u << 20)

/* The lines that have come but have not been run yet. */
struct part {
	char *text;
	size_t len, size;
	unsigned int first_line, nr_lines;
};

static int append(struct part *part, char c)
{
	size_t size = part->size ? part->size * 2 : PAGE_SIZE;
	char *text;

	if (part->len + 1 >= part->size) {
		text = size > PART_MAX ? NULL : krealloc(part->text, size, GFP_KERNEL);
		if (!text)
			return -ENOMEM;
		part->text = text;
		part->size = size;
	}
	part->text[part->len++] = c;
	part->text[part->len] = '\0';
	return 0;
}

/*
 * Read one more line: 1, 0 at the end of the script, whose last line may lack a newline, or -errno.
 */
static int read_line(struct part *part)
{
	int c, err = 0;

	do {
		c = console_getchar();
		if (c == CONSOLE_EOF)
			break;
		/* Lines are handled as strings, so a NUL would hide the text after it. */
		if (!c) {
			pr_err("script: contains a NUL byte\n");
			return -EINVAL;
		}
		err = append(part, (char)c);
	} while (!err && c != '\n');
	if (err)
		pr_err("script: no memory for line %u\n", part->first_line + part->nr_lines);
	part->nr_lines++;
	return err ? err : c != CONSOLE_EOF;
}

/* Are more lines needed to complete what has come so far? */
static bool is_unfinished(const struct part *part, struct shell_pipeline *p)
{
	const char *at = part->text;

	while (shell_parse(&at, 0, p) && !p->unfinished)
		;
	return p->unfinished;
}

static void run_part(struct part *part)
{
	if (part->len)
		shell_run_lines(part->text, part->first_line);
	part->first_line += part->nr_lines;
	part->nr_lines = 0;
	part->len = 0;
}

int shell_run_piped(void)
{
	struct shell_pipeline *p = kmalloc(sizeof(*p), GFP_KERNEL);
	struct part part = { .first_line = 1 };
	int more = p ? 1 : -ENOMEM;

	while (more > 0) {
		more = read_line(&part);
		/* At the end of the script an incomplete line is run, and gives a syntax error. */
		if (more < 0 || (more && is_unfinished(&part, p)))
			continue;
		run_part(&part);
	}
	kfree(part.text);
	kfree(p);
	return more < 0 ? 1 : shell_script_status();
}
