/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the shell's grammar. Whatever the script is, words lie in their buffer, parsing ends, and
 * globs are replaced by names that exist.
 */
#include "kernel/lib/errno.h"
#include "kernel/shell/shell.h"
#include "tests/host/dirs.h"
#include "tests/host/fuzz/fuzz.h"
#include <stdlib.h>

static struct shell_pipeline *p;

static bool in_text(const char *word)
{
	return word >= p->text && word + strlen(word) < p->text + sizeof(p->text);
}

static void check_word(const char *word)
{
	MUST(in_text(word));
	for (; *word; word++)
		MUST(!shell_is_magic(p, word) || (p->has_magic && strchr("*?[", *word)));
}

/* A word without globs stays; one that is replaced is replaced by files that exist. */
static void check_expansion(void)
{
	struct shell_expansion e;
	struct stat st;

	MUST(!shell_expand(p, &e) || *dirs_console);
	for (unsigned int i = 0; i < p->nr_stages; i++) {
		const struct shell_stage *stage = &p->stages[i];

		for (int n = 0; n < stage->argc; n++)
			MUST(in_text(stage->argv[n]) ||
			     (p->has_magic && !vfs_stat(stage->argv[n], &st)));
		MUST(!stage->argv[stage->argc]);
	}
	shell_expansion_free(&e);
}

/* @at is the parser's place in the script after the pipeline. */
static void check_pipeline(const char *at)
{
	MUST(p->source < p->source_end && p->source_end <= at);
	MUST(p->nr_stages > 0 && p->nr_stages <= SHELL_STAGES_MAX);
	for (unsigned int i = 0; i < p->nr_stages; i++) {
		const struct shell_stage *stage = &p->stages[i];

		for (int n = 0; n < stage->argc; n++)
			check_word(stage->argv[n]);
		MUST(!stage->argv[stage->argc]);
		MUST(stage->argc || stage->in_path || stage->out_path || stage->err_path ||
		     stage->err_to_out);
		if (stage->in_path)
			check_word(stage->in_path);
		if (stage->out_path)
			check_word(stage->out_path);
		if (stage->err_path)
			check_word(stage->err_path);
		MUST(!stage->err_path || !stage->err_to_out);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *script = malloc(size + 1);
	const char *at = script, *before;
	int result;

	memcpy(script, data, size);
	script[size] = '\0';
	p = malloc(sizeof(*p));
	do {
		before = at;
		result = shell_parse(&at, (int)size % 256, p);
		MUST(at <= script + size);
		MUST(result == 1 || result == 0 || result == -EINVAL);
		MUST(!result || at > before);
		if (result == 1) {
			check_pipeline(at);
			check_expansion();
		}
		if (result == -EINVAL)
			MUST(*p->error && strnlen(p->error, sizeof(p->error)) < sizeof(p->error) &&
			     p->error_at >= before && p->error_at <= script + size);
	} while (result);
	free(p);
	free(script);
	return 0;
}
