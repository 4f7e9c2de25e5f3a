/* SPDX-License-Identifier: MIT */
/*
 * Files that take words, such as names and patterns. A word ends with a blank, or when the file is
 * closed, so it may come in several writes. One that is refused is shown in error_log.
 */
#pragma once
#include "trace/core/pattern.h"
#include "trace/tracefs/tracefs.h"

#define TRACEFS_WORD_MAX (FTRACE_PATTERN_MAX + 1)	/* a '!' and the longest pattern */

struct word_reader {
	const struct tracefs_node *node;
	/*
	 * Act on the word at word[], which has @len bytes and a NUL. Returns 0 or -errno; then
	 * *@why says why, or stays NULL for the errno's own text.
	 */
	int (*apply)(struct word_reader *words, const char **why);
	size_t len;
	bool continued;			/* the word began in an earlier write */
	char word[TRACEFS_WORD_MAX + 1];
};

/*
 * Apply the words that end in the @size bytes at @buf, and keep the beginning of the next one.
 * Returns 0, or the error of the first word that is refused, and then the rest is forgotten.
 */
int tracefs_add_words(struct word_reader *words, const char *buf, size_t size);
/* The file is closed: apply the word that no blank has ended. 0 or its error. */
int tracefs_end_words(struct word_reader *words);
