/* SPDX-License-Identifier: MIT */
/* What people write into a file `trigger` (trigger.h), as a trigger that is not in force yet. */
#include "kernel/lib/ctype.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "trace/events/hist.h"
#include "trace/events/trace_events.h"

#define WORD_LEN 96

/* Copy what comes before a colon, a blank or the end. Returns where that is; NULL: too long. */
static const char *take_word(const char *text, char word[WORD_LEN])
{
	size_t len = 0;

	while (text[len] && text[len] != ':' && !isspace(text[len]))
		len++;
	if (len >= WORD_LEN)
		return NULL;
	memcpy(word, text, len);
	word[len] = '\0';
	return text + len;
}

int trigger_parse_command(const struct trigger_command *command, struct event_trigger *trigger,
			  const char **text, struct trigger_error *error)
{
	char word[WORD_LEN];
	const char *end = take_word(*text, word);

	while (end && command->name && strcmp(command->name, word))
		command++;
	if (!end || !command->name) {
		error->text = "Unknown command";
		return -EINVAL;
	}
	trigger->command = command;
	*text = end;
	return 0;
}

int trigger_parse_target(struct trace_array *tr, struct event_trigger *trigger, const char **text,
			 struct trigger_error *error)
{
	char system[WORD_LEN], event[WORD_LEN];
	const char *at = *text;

	error->text = "Expected :SYSTEM:EVENT";
	at = *at == ':' ? take_word(at + 1, system) : NULL;
	at = at && *at == ':' ? take_word(at + 1, event) : NULL;
	if (!at)
		return -EINVAL;
	error->text = "No such event";
	trigger->target = trace_event_by_name(tr, system, event);
	if (!trigger->target)
		return -ENOENT;
	error->text = NULL;
	*text = at;
	return 0;
}

int trigger_parse_count(struct event_trigger *trigger, const char **text,
			struct trigger_error *error)
{
	char word[WORD_LEN];
	const char *end;

	if (**text != ':')
		return 0;
	end = take_word(*text + 1, word);
	if (!end || kstrtoul(word, 0, &trigger->count) || trigger->count == TRIGGER_UNLIMITED) {
		error->text = "Not a count";
		return -EINVAL;
	}
	*text = end;
	return 0;
}

/* Returns the expression behind `if`. NULL: there is none, and @error says if that is wrong. */
static const char *parse_if(const char *text, struct trigger_error *error)
{
	while (isspace(*text))
		text++;
	if (!*text)
		return NULL;
	if (text[0] == 'i' && text[1] == 'f' && isspace(text[2])) {
		while (isspace(*(text + 2)))
			text++;
		return text + 2;
	}
	error->text = "Expected: if FILTER";
	return NULL;
}

/* "hist:" and parameters, without a blank. */
static int parse_hist(struct trace_event_file *file, struct event_trigger *trigger,
		      const char **text, struct hist_request *request, struct trigger_error *error)
{
	const char *command = *text - strlen("hist"), *end;
	int err;

	if (**text != ':') {
		error->text = "Expected hist:keys=FIELD";
		return -EINVAL;
	}
	end = ++*text;
	while (*end && !isspace(*end))
		end++;
	err = hist_create(file, *text, (size_t)(end - *text), &trigger->hist, request, error);
	if (err) {
		error->command = command;
		error->in_hist = true;
	}
	*text = end;
	return err;
}

static int parse_filter(struct trace_event_file *file, struct event_trigger *trigger,
			const char *text, struct trigger_error *error)
{
	const char *expression = parse_if(text, error);
	struct filter_error of_filter = { NULL, 0 };
	int err;

	if (!expression)
		return error->text ? -EINVAL : 0;
	err = event_filter_create(file->call, expression, &trigger->filter, &of_filter);
	if (of_filter.text) {
		error->text = of_filter.text;
		error->command = expression;
		error->pos = of_filter.pos;
	}
	return err;
}

int event_trigger_parse(struct trace_event_file *file, const char *text, bool removes,
			struct event_trigger *trigger, struct hist_request *request,
			struct trigger_error *error)
{
	int err = trigger_parse_command(trigger_commands, trigger, &text, error);

	lockdep_assert_held(&event_mutex);
	if (!err && trigger->command->has_target)
		err = trigger_parse_target(file->tr, trigger, &text, error);
	if (!err && trigger->command->is_hist)
		err = parse_hist(file, trigger, &text, request, error);
	else if (!err)
		err = trigger_parse_count(trigger, &text, error);
	/* Which trigger is removed, a filter says only of histograms. */
	if (!err && (!removes || trigger->command->is_hist))
		err = parse_filter(file, trigger, text, error);
	else if (!err && !parse_if(text, error) && error->text)
		err = -EINVAL;
	if (err)
		event_trigger_free(trigger);
	return err;
}

void event_trigger_free(struct event_trigger *trigger)
{
	event_filter_free(trigger->filter);
	hist_free(trigger->hist);
	trigger->filter = NULL;
	trigger->hist = NULL;
}
