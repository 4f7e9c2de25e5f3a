/* SPDX-License-Identifier: MIT */
/*
 * Which event has which triggers. An event with triggers, or one that a trigger may switch, has its
 * probe registered also while it is not recorded: Linux calls that soft mode.
 */
#include "kernel/fs/seq_file.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "trace/events/trace_events.h"

#define WORD_LEN 96

/* One more, or one less, needs the event's probe. 0, or an error with nothing changed. */
static int use(struct trace_event_file *file)
{
	int err;

	file->soft_users++;
	err = trace_event_update(file);
	if (err)
		file->soft_users--;
	return err;
}

/* To take a probe back needs memory: what is left registered without it does no harm. */
static void unuse(struct trace_event_file *file)
{
	file->soft_users--;
	trace_event_update(file);
}

static void free_trigger(struct event_trigger *trigger)
{
	event_filter_free(trigger->filter);
	kfree(trigger);
}

static bool is_same(const struct event_trigger *a, const struct event_trigger *b)
{
	return a->command == b->command && a->target == b->target;
}

static struct event_trigger **find_trigger(struct trace_event_file *file,
					   const struct event_trigger *like)
{
	struct event_trigger **link = &file->triggers;

	while (*link && !is_same(*link, like))
		link = &(*link)->next;
	return link;
}

static int add_trigger(struct trace_event_file *file, const struct event_trigger *model)
{
	struct event_trigger *trigger;
	int err;

	if (*find_trigger(file, model))
		return -EEXIST;
	trigger = kmalloc(sizeof(*trigger), GFP_KERNEL);
	if (!trigger)
		return -ENOMEM;
	*trigger = *model;
	err = tracing_update_buffers(file->tr);
	if (!err && trigger->target)
		err = use(trigger->target);
	if (!err) {
		err = use(file);
		if (err && trigger->target)
			unuse(trigger->target);
	}
	if (err) {
		kfree(trigger);
		return err;
	}
	trigger->next = file->triggers;
	smp_store_release(&file->triggers, trigger);
	return 0;
}

static int remove_trigger(struct trace_event_file *file, const struct event_trigger *model)
{
	struct event_trigger **link = find_trigger(file, model), *trigger = *link;

	if (!trigger)
		return -ENOENT;
	smp_store_release(link, trigger->next);
	trace_event_wait_until_left(file);
	/* Nobody runs it any more, and so nobody switches its target. */
	if (trigger->target)
		unuse(trigger->target);
	unuse(file);
	free_trigger(trigger);
	return 0;
}

/* --- Text --- */

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Copy what comes before a colon, a blank or the end. Returns where that is; NULL: too long. */
static const char *take_word(const char *text, char word[WORD_LEN])
{
	size_t len = 0;

	while (text[len] && text[len] != ':' && !is_blank(text[len]))
		len++;
	if (len >= WORD_LEN)
		return NULL;
	memcpy(word, text, len);
	word[len] = '\0';
	return text + len;
}

static int parse_command(struct event_trigger *trigger, const char **text, const char **why)
{
	const struct trigger_command *command = trigger_commands;
	char word[WORD_LEN];
	const char *end = take_word(*text, word);

	while (end && command->name && strcmp(command->name, word))
		command++;
	*why = end && command->name ? command->missing : "Unknown command";
	if (*why)
		return end && command->name ? -EOPNOTSUPP : -EINVAL;
	trigger->command = command;
	*text = end;
	return 0;
}

static int parse_target(struct event_trigger *trigger, const char **text, const char **why)
{
	char system[WORD_LEN], event[WORD_LEN];
	const char *at = *text;

	*why = "Expected :SYSTEM:EVENT";
	at = *at == ':' ? take_word(at + 1, system) : NULL;
	at = at && *at == ':' ? take_word(at + 1, event) : NULL;
	if (!at)
		return -EINVAL;
	*why = "No such event";
	trigger->target = trace_event_by_name(system, event);
	if (!trigger->target)
		return -ENOENT;
	*text = at;
	return 0;
}

static int parse_count(struct event_trigger *trigger, const char **text, const char **why)
{
	char word[WORD_LEN];
	const char *end;

	trigger->count = TRIGGER_UNLIMITED;
	if (**text != ':')
		return 0;
	end = take_word(*text + 1, word);
	*why = "Not a count";
	if (!end || kstrtoul(word, 0, &trigger->count) || trigger->count == TRIGGER_UNLIMITED)
		return -EINVAL;
	*text = end;
	return 0;
}

/* Returns the expression behind `if`. NULL: there is none, and *@why says if that is wrong. */
static const char *parse_if(const char *text, const char **why)
{
	*why = NULL;
	while (is_blank(*text))
		text++;
	if (!*text)
		return NULL;
	if (text[0] == 'i' && text[1] == 'f' && is_blank(text[2])) {
		while (is_blank(*(text + 2)))
			text++;
		return text + 2;
	}
	*why = "Expected: if FILTER";
	return NULL;
}

static int parse(struct event_trigger *trigger, const char *text, const char **why,
		 const char **expression)
{
	int err = parse_command(trigger, &text, why);

	if (!err && trigger->command->has_target)
		err = parse_target(trigger, &text, why);
	if (!err)
		err = parse_count(trigger, &text, why);
	if (err)
		return err;
	*expression = parse_if(text, why);
	return *why ? -EINVAL : 0;
}

int trace_event_set_trigger(struct trace_event_file *file, const char *text, const char **why,
			    const char **expression, struct filter_error *error)
{
	struct event_trigger trigger = { .next = NULL };
	bool removes = *text == '!';
	int err;

	lockdep_assert_held(&event_mutex);
	*expression = NULL;
	*error = (struct filter_error){ NULL, 0 };
	err = parse(&trigger, text + removes, why, expression);
	if (err)
		return err;
	if (removes) {
		/* Which one it is, command and target say; the rest may be the same or missing. */
		*expression = NULL;
		err = remove_trigger(file, &trigger);
		*why = err == -ENOENT ? "The event has no such trigger" : NULL;
		return err;
	}
	if (*expression)
		err = event_filter_create(file->call, *expression, &trigger.filter, error);
	if (err)
		return err;
	err = add_trigger(file, &trigger);
	if (err)
		event_filter_free(trigger.filter);
	*why = err == -EEXIST ? "The event has this trigger already" : NULL;
	return err;
}

static void show_commands(struct seq_file *m)
{
	seq_puts(m, "# Available triggers:\n#");
	for (const struct trigger_command *command = trigger_commands; command->name; command++) {
		if (!command->missing)
			seq_printf(m, " %s", command->name);
	}
	seq_putc(m, '\n');
}

void trace_event_show_triggers(struct seq_file *m, const struct trace_event_file *file)
{
	const struct event_trigger *trigger = file->triggers;

	lockdep_assert_held(&event_mutex);
	if (!trigger)
		show_commands(m);
	for (; trigger; trigger = trigger->next) {
		unsigned long count = READ_ONCE(trigger->count);

		seq_puts(m, trigger->command->name);
		if (trigger->target)
			seq_printf(m, ":%s:%s", trigger->target->call->class->system,
				   trigger->target->call->name);
		if (count == TRIGGER_UNLIMITED)
			seq_puts(m, ":unlimited");
		else
			seq_printf(m, ":count=%lu", count);
		if (trigger->filter)
			seq_printf(m, " if %s", trigger->filter->text);
		seq_putc(m, '\n');
	}
}
