/* SPDX-License-Identifier: MIT */
/*
 * The shell's grammar: a script consists of lists that end with a newline, `;` or `&`, a list of
 * pipelines with `&&` or `||` between them, a pipeline of stages separated by `|`, a stage of words
 * and redirections. Parsing neither allocates memory nor does I/O.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

#define SHELL_LINE_MAX 4096	/* bytes of one pipeline's source text */
#define SHELL_WORDS_MAX 512
#define SHELL_STAGES_MAX 16

struct shell_stage {
	int argc;		/* 0 if there are only redirections, which still open their files */
	char **argv;		/* ends with NULL */
	const char *in_path, *out_path, *err_path;	/* after `<` `>` `2>`; NULL when absent */
	bool append, err_append;	/* `>>` and `2>>` */
	bool err_to_out;		/* `2>&1` */
};

/* What follows a pipeline: the end of its list, or one that runs if this one succeeds, or fails. */
enum shell_end { SHELL_END, SHELL_END_BACKGROUND, SHELL_END_AND, SHELL_END_OR };

/* About 10 KiB, too large for the stack. The words point into text. */
struct shell_pipeline {
	unsigned int nr_stages;
	struct shell_stage stages[SHELL_STAGES_MAX];
	enum shell_end end;
	const char *source, *source_end;	/* its text in the script, without what follows */
	unsigned int nr_words;
	char *words[SHELL_WORDS_MAX + SHELL_STAGES_MAX];	/* including each stage's NULL */
	size_t text_used;
	char text[SHELL_LINE_MAX + 1];
	bool has_magic;
	u8 magic[SHELL_LINE_MAX / 8 + 1];	/* a bit for each byte of text: shell_is_magic() */
	char error[128];	/* after -EINVAL: what is wrong */
	const char *error_at;	/* and where in the script: an unexpected byte or an open quote */
	bool unfinished;	/* more text could complete the pipeline */
};

/*
 * Read the next pipeline at *@script, and move *@script past it. Returns 1, 0 at the end of the
 * script, or -EINVAL for a syntax error, which p->error describes; *@script is then after the line.
 *
 * '...' takes every byte as it is. So does "...", but \ escapes " \ $ ` in it. Outside quotes \
 * escapes any byte, and \ before a newline joins lines. # at the start of a word starts a comment.
 * $? stands for @status, the exit status of the last command. Otherwise $ and ` have no meaning.
 */
int shell_parse(const char **script, int status, struct shell_pipeline *p);

/* Is the byte at @at, in a word of @p, a * ? or [ that is not quoted? See expand.c. */
static inline bool shell_is_magic(const struct shell_pipeline *p, const char *at)
{
	size_t n = (size_t)(at - p->text);

	return p->magic[n / 8] & 1u << n % 8;
}
