/* SPDX-License-Identifier: MIT */
/*
 * The shell's grammar: a script is pipelines separated by newline or `;`, a
 * pipeline is stages separated by `|`, a stage is words and redirections.
 * Pure: no allocation, no I/O.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

#define SHELL_LINE_MAX 4096	/* bytes of one pipeline's source text */
#define SHELL_WORDS_MAX 512
#define SHELL_STAGES_MAX 16

struct shell_stage {
	int argc;		/* 0 for a lone redirection, which truncates or creates its file */
	char **argv;		/* ended by NULL */
	const char *in_path, *out_path;	/* after `<` and `>`; NULL when absent */
	bool append;		/* `>>` */
};

/* Some 10 KiB: allocate it. The words point into text. */
struct shell_pipeline {
	unsigned int nr_stages;
	struct shell_stage stages[SHELL_STAGES_MAX];
	unsigned int nr_words;
	char *words[SHELL_WORDS_MAX + SHELL_STAGES_MAX];	/* each stage's NULL included */
	size_t text_used;
	char text[SHELL_LINE_MAX + 1];
	bool has_magic;
	u8 magic[SHELL_LINE_MAX / 8 + 1];	/* a bit a byte of text: shell_is_magic() */
	char error[128];	/* after -EINVAL: what is wrong, in words */
	const char *error_at;	/* and where: what follows it does not fit, or it is never closed */
	bool unfinished;	/* more text could still complete it */
};

/*
 * Read the next pipeline at *script and move *script past it. 1: there is one; 0: end of the
 * script; -EINVAL: a syntax error, p->error says which, and *script is past the bad line.
 *
 * '...' takes everything as it is; "..." too, but \ escapes " \ $ ` in it; outside of quotes \
 * escapes any byte, and \ before a newline joins lines. # starts a comment at the start of a
 * word. $ ` have no meaning. & is refused, so that nothing runs otherwise than a sh would.
 */
int shell_parse(const char **script, struct shell_pipeline *p);

/* Is the byte at @at, in a word of @p, one of * ? [ outside of quotes? See expand.c. */
static inline bool shell_is_magic(const struct shell_pipeline *p, const char *at)
{
	size_t n = (size_t)(at - p->text);

	return p->magic[n / 8] & 1u << n % 8;
}
