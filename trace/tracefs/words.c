/* SPDX-License-Identifier: MIT */
/* The reader of words that are written to a file in pieces of any length (words.h). */
#include "trace/tracefs/words.h"
#include "kernel/lib/ctype.h"
#include "kernel/lib/errno.h"

static bool ends_word(char c)
{
	return isspace(c) || c == '\0';
}

/*
 * Log that the word is refused. It is shown within the text that was written (@size bytes at @buf,
 * with the word at @pos), or alone if it began in an earlier write, whose text is not kept.
 */
static int refuse(struct word_reader *words, const char *buf, size_t size, size_t pos, int err,
		  const char *why)
{
	const char *name = words->node->file->name;

	if (words->continued)
		tracing_log_err(words->node->tr, name, words->word, words->len, 0, words->len, why);
	else
		tracing_log_err(words->node->tr, name, buf, size, pos, words->len, why);
	words->len = 0;
	return err;
}

static int apply_word(struct word_reader *words, const char *buf, size_t size, size_t pos)
{
	const char *why = NULL;
	int err;

	words->word[words->len] = '\0';
	err = words->apply(words, &why);
	if (err)
		return refuse(words, buf, size, pos, err, why ? why : errno_string(err));
	words->len = 0;
	words->continued = false;
	return 0;
}

int tracefs_add_words(struct word_reader *words, const char *buf, size_t size)
{
	size_t start = 0;
	int err = 0;

	words->continued = words->len;
	for (size_t i = 0; !err && i < size; i++) {
		if (ends_word(buf[i])) {
			if (words->len)
				err = apply_word(words, buf, size, start);
			start = i + 1;
		/* The end of a write ends no word: the next write may go on with it. */
		} else if (words->len < TRACEFS_WORD_MAX) {
			words->word[words->len++] = buf[i];
		} else {
			err = refuse(words, buf, size, start, -EINVAL, "Word too long");
		}
	}
	return err;
}

int tracefs_end_words(struct word_reader *words)
{
	/* The text of the write is not kept, so an error can show only the word. */
	words->continued = true;
	return words->len ? apply_word(words, words->word, words->len, 0) : 0;
}
