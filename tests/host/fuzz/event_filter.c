/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes filters of events: each line is an expression. What it says of a record must be what
 * parentheses, two `!`, and `!` turned round say; what is refused has a text, and a place in it.
 */
#include "kernel/lib/errno.h"
#include "tests/host/event_filter.h"
#include "tests/host/fuzz/fuzz.h"
#include "tests/host/host.h"
#include <stdio.h>
#include <stdlib.h>

/* Returns 0 or 1, or -EINVAL. */
static int match(const char *text)
{
	struct event_filter *filter;
	struct filter_error error = { NULL, 0 };
	int err = event_filter_create(&filter_call, text, &filter, &error);
	bool yes;

	if (err) {
		MUST(err == -EINVAL && error.text && error.pos <= strlen(text) + 1);
		return err;
	}
	yes = event_filter_match(filter, &filter_record);
	event_filter_free(filter);
	return yes;
}

static int match_within(const char *before, const char *text, const char *after)
{
	size_t size = strlen(before) + strlen(text) + strlen(after) + 1;
	char *whole = malloc(size);
	int yes;

	snprintf(whole, size, "%s%s%s", before, text, after);
	yes = match(whole);
	free(whole);
	return yes;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct task_struct task = { .pid = 1234, .comm = "worker-7" };
	size_t len;
	char *line;

	host_current = &task;
	while ((line = fuzz_line(&data, &size, &len))) {
		int yes = match(line);

		/* Without a level of parentheses to spare, it is refused in more of them. */
		if (yes >= 0 && !strchr(line, '(')) {
			MUST(match_within("(", line, ")") == yes);
			MUST(match_within("!!(", line, ")") == yes);
			MUST(match_within("! ( ", line, " )") == !yes);
			MUST(match_within("u8 == 1 || ", line, "") == yes);
			MUST(match_within("u8 == 1 && (", line, ")") == 0);
		}
		free(line);
	}
	return 0;
}
