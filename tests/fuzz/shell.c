/* SPDX-License-Identifier: MIT */
/* Fuzzes the shell's grammar: whatever the script, words lie in their buffer and parsing ends. */
#include "kernel/errno.h"
#include "kernel/shell/parse.h"
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>

static struct shell_pipeline *p;

static void check_word(const char *word)
{
	MUST(word >= p->text && word + strlen(word) < p->text + sizeof(p->text));
}

static void check_pipeline(void)
{
	MUST(p->nr_stages > 0 && p->nr_stages <= SHELL_STAGES_MAX);
	for (unsigned int i = 0; i < p->nr_stages; i++) {
		const struct shell_stage *stage = &p->stages[i];

		for (int n = 0; n < stage->argc; n++)
			check_word(stage->argv[n]);
		MUST(!stage->argv[stage->argc]);
		MUST(stage->argc || stage->in_path || stage->out_path);
		if (stage->in_path)
			check_word(stage->in_path);
		if (stage->out_path)
			check_word(stage->out_path);
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
		result = shell_parse(&at, p);
		MUST(at <= script + size);
		MUST(result == 1 || result == 0 || result == -EINVAL);
		MUST(!result || at > before);
		if (result == 1)
			check_pipeline();
		if (result == -EINVAL)
			MUST(*p->error && strnlen(p->error, sizeof(p->error)) < sizeof(p->error) &&
			     p->error_at >= before && p->error_at <= script + size);
	} while (result);
	free(p);
	free(script);
	return 0;
}
