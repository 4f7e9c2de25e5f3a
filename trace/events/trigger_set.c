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
#include "kernel/printk.h"
#include "trace/events/hist.h"
#include "trace/events/trace_events.h"
#include "trace/output/trace_dump.h"
#include "trace/output/trace_snapshot.h"

/* One trigger more needs the event's probe. Returns 0, or an error with nothing changed. */
static int use(struct trace_event_file *file)
{
	int err;

	file->soft_users++;
	err = trace_event_update(file);
	if (err)
		file->soft_users--;
	return err;
}

/* Taking a probe back needs memory. Without it the probe stays registered, which does no harm. */
static void unuse(struct trace_event_file *file)
{
	if (!WARN_ON_ONCE(!file->soft_users))
		file->soft_users--;
	trace_event_update(file);
}

/* An event may have several histograms that differ in anything, also in their filters alone. */
static bool is_same(const struct event_trigger *a, const struct event_trigger *b)
{
	if (a->command != b->command || a->target != b->target)
		return false;
	if (!a->hist)
		return true;
	if (!a->filter != !b->filter || (a->filter && strcmp(a->filter->text, b->filter->text)))
		return false;
	return hist_is_same(a->hist, b->hist);
}

static struct event_trigger **find_trigger(struct trace_event_file *file,
					   const struct event_trigger *like)
{
	struct event_trigger **link = &file->triggers;

	while (*link && !is_same(*link, like))
		link = &(*link)->next;
	return link;
}

int trigger_arm(struct trace_array *tr, const struct event_trigger *trigger)
{
	const struct trigger_command *command = trigger->command;
	int err = tracing_update_buffers(tr);

	lockdep_assert_held(&event_mutex);
	if (!err && command->takes_snapshot)
		err = tracing_arm_snapshot(tr);
	if (!err && command->dumps)
		err = trace_dump_arm();
	/* Of these no command needs more than one, so there is nothing to be given up. */
	if (!err && trigger->target)
		err = use(trigger->target);
	return err;
}

void trigger_disarm(struct trace_array *tr, const struct event_trigger *trigger)
{
	const struct trigger_command *command = trigger->command;

	lockdep_assert_held(&event_mutex);
	if (command->takes_snapshot)
		tracing_disarm_snapshot(tr);
	if (command->dumps)
		trace_dump_disarm();
	if (trigger->target)
		unuse(trigger->target);
}

/* Have ready what it needs to act. 0, or an error with nothing changed. */
static int start(struct trace_event_file *file, const struct event_trigger *trigger)
{
	int err = trigger_arm(file->tr, trigger);

	if (err)
		return err;
	err = use(file);
	if (err)
		trigger_disarm(file->tr, trigger);
	return err;
}

static int add_trigger(struct trace_event_file *file, const struct event_trigger *model)
{
	struct event_trigger *trigger;
	int err;

	trigger = kmalloc(sizeof(*trigger), GFP_KERNEL);
	if (!trigger)
		return -ENOMEM;
	*trigger = *model;
	/* All that can fail comes first: a trigger in the list may be running already. */
	err = start(file, trigger);
	if (err) {
		kfree(trigger);
		return err;
	}
	trigger->next = file->triggers;
	smp_store_release(&file->triggers, trigger);
	/* What is there now may need less than what is looked at in general; this cannot fail. */
	return trace_event_update(file);
}

/* Wait until nobody is in an event that has a trigger of which @is_one says so. */
static void wait_for_events(bool (*is_one)(const struct event_trigger *trigger, const void *what),
			    const void *what)
{
	struct trace_event_call *call = NULL;
	const struct trace_event_file *file;
	const struct event_trigger *it;

	while ((call = trace_event_next(call)) != NULL) {
		for_each_event_file(file, call) {
			for (it = file->triggers; it && !is_one(it, what);)
				it = it->next;
			if (it)
				trace_event_wait_until_left(file);
		}
	}
}

static bool switches_hists_of(const struct event_trigger *trigger, const void *file)
{
	return trigger->command->of_hists && trigger->target == file;
}

static bool counts_in(const struct event_trigger *trigger, const void *map)
{
	return trigger->hist && trigger->hist->map == map;
}

static void remove_trigger(struct trace_event_file *file, struct event_trigger **link)
{
	struct event_trigger *trigger = *link;

	/* Its own `next` stays, for those that are just running it. */
	smp_store_release(link, trigger->next);
	trace_event_update(file);
	trace_event_wait_until_left(file);
	/* Triggers of other events may be looking through those of this one for histograms. */
	if (trigger->hist)
		wait_for_events(switches_hists_of, file);
	/* Nobody runs it any more, and so nobody switches its target. */
	trigger_disarm(file->tr, trigger);
	unuse(file);
	event_trigger_free(trigger);
	kfree(trigger);
}

void trace_event_remove_hists(struct trace_event_file *file)
{
	struct event_trigger **link = &file->triggers;

	lockdep_assert_held(&event_mutex);
	while (*link) {
		if ((*link)->hist)
			remove_trigger(file, link);
		else
			link = &(*link)->next;
	}
}

void trace_event_remove_triggers(struct trace_event_file *file)
{
	struct trace_event_call *call = NULL;

	lockdep_assert_held(&event_mutex);
	while (file->triggers)
		remove_trigger(file, &file->triggers);
	/* A trigger switches events of its own instance alone. */
	while (file->soft_users && (call = trace_event_next(call)) != NULL) {
		struct trace_event_file *other = trace_event_file_of(call, file->tr);
		struct event_trigger **link = other ? &other->triggers : NULL;

		while (link && *link) {
			if ((*link)->target == file)
				remove_trigger(other, link);
			else
				link = &(*link)->next;
		}
	}
}

/* --- Histograms --- */

static const struct hist *find_named(const char *name)
{
	struct trace_event_call *call = NULL;
	const struct trace_event_file *file;
	const struct event_trigger *it;

	while (name && (call = trace_event_next(call)) != NULL) {
		for_each_event_file(file, call) {
			for (it = file->triggers; it; it = it->next) {
				if (it->hist && it->hist->name && !strcmp(it->hist->name, name))
					return it->hist;
			}
		}
	}
	return NULL;
}

/* Empty the table while nobody adds to it: neither this event nor others that share it. */
static void clear_map(struct tracing_map *map)
{
	bool paused = READ_ONCE(map->paused);

	WRITE_ONCE(map->paused, true);
	wait_for_events(counts_in, map);
	tracing_map_clear(map);
	WRITE_ONCE(map->paused, paused);
}

static int refuse_hist(struct trigger_error *error, const char *command, const char *text, int err)
{
	*error = (struct trigger_error){ text, command, 0, true };
	return err;
}

/* The event has this histogram: its text is there again for what it says beside that. */
static int change_hist(struct tracing_map *map, const struct hist_request *request,
		       const char *command, struct trigger_error *error)
{
	if (!request->pause && !request->cont && !request->clear)
		return refuse_hist(error, command, "Hist trigger already exists", -EEXIST);
	if (request->pause || request->cont)
		WRITE_ONCE(map->paused, request->pause);
	if (request->clear)
		clear_map(map);
	return 0;
}

static int prepare_hist(struct hist *hist, const struct hist_request *request, const char *command,
			struct trigger_error *error)
{
	const struct hist *named = find_named(hist->name);
	int err;

	if (request->cont || request->clear)
		return refuse_hist(error, command,
				   "Can't clear or continue a nonexistent hist trigger", -ENOENT);
	if (named && !hist_is_same(hist, named)) {
		refuse_hist(error, command, "Named hist trigger doesn't match existing named "
			    "trigger (includes variables)", -EINVAL);
		error->pos = (unsigned int)(strlen("hist:") + (size_t)(hist->name - hist->text));
		return -EINVAL;
	}
	err = hist_share_map(hist, named);
	if (!err && !named)
		hist->map->paused = request->pause;
	/* As on Linux, who counts by times chooses the trace's clock with it. */
	return err || !hist->timestamps ? err : tracing_set_clock(hist->tr, hist->clock);
}

/* --- What people write --- */

static int add_new(struct trace_event_file *file, struct event_trigger *trigger,
		   const struct hist_request *request, const char *command,
		   struct trigger_error *error)
{
	const struct event_trigger *same = *find_trigger(file, trigger);
	int err = 0;

	/* Of a histogram the same text again may pause, continue or clear it. */
	if (same && same->hist) {
		err = change_hist(same->hist->map, request, command, error);
		event_trigger_free(trigger);
		return err;
	}
	if (same) {
		error->text = "The event has this trigger already";
		err = -EEXIST;
	} else if (trigger->hist) {
		err = prepare_hist(trigger->hist, request, command, error);
	}
	if (!err)
		err = add_trigger(file, trigger);
	if (err)
		event_trigger_free(trigger);
	return err;
}

int trace_event_set_trigger(struct trace_event_file *file, const char *text,
			    struct trigger_error *error)
{
	struct event_trigger trigger = { .count = TRIGGER_UNLIMITED }, **link;
	struct hist_request request = { false, false, false };
	bool removes = *text == '!';
	int err;

	lockdep_assert_held(&event_mutex);
	*error = (struct trigger_error){ .text = NULL };
	text += removes;
	err = event_trigger_parse(file, text, removes, &trigger, &request, error);
	if (err)
		return err;
	if (!removes)
		return add_new(file, &trigger, &request, text, error);
	link = find_trigger(file, &trigger);
	event_trigger_free(&trigger);
	if (*link) {
		remove_trigger(file, link);
		return 0;
	}
	/* A histogram may be gone because `>` has opened the file, which is no error on Linux. */
	if (trigger.command->is_hist)
		return 0;
	error->text = "The event has no such trigger";
	return -ENOENT;
}

bool trace_event_log_trigger_error(const struct trace_event_file *file,
				   const struct trigger_error *error)
{
	const char *command = error->command;
	char loc[TRACE_ERR_LOC_LEN] = "event filter parse error";

	if (!command)
		return false;
	if (error->in_hist)
		scnprintf(loc, sizeof(loc), "hist:%s:%s", file->call->class->system,
			  file->call->name);
	tracing_log_err(file->tr, loc, command, strlen(command), error->pos, 0, error->text);
	return true;
}

static void show_commands(struct seq_file *m)
{
	seq_puts(m, "# Available triggers:\n#");
	for (const struct trigger_command *command = trigger_commands; command->name; command++)
		seq_printf(m, " %s", command->name);
	seq_putc(m, '\n');
}

void trigger_show_rest(struct seq_file *m, const struct event_trigger *trigger,
		       unsigned long count)
{
	if (trigger->target)
		seq_printf(m, ":%s:%s", trigger->target->call->class->system,
			   trigger->target->call->name);
	if (!trigger->hist && count == TRIGGER_UNLIMITED)
		seq_puts(m, ":unlimited");
	else if (!trigger->hist)
		seq_printf(m, ":count=%lu", count);
}

static void show_trigger(struct seq_file *m, const struct event_trigger *trigger)
{
	if (trigger->hist)
		hist_show_trigger(m, trigger->hist);
	else
		seq_puts(m, trigger->command->name);
	trigger_show_rest(m, trigger, READ_ONCE(trigger->count));
	if (trigger->filter)
		seq_printf(m, " if %s", trigger->filter->text);
	if (trigger->hist)
		seq_puts(m, READ_ONCE(trigger->hist->map->paused) ? " [paused]" : " [active]");
	seq_putc(m, '\n');
}

void trace_event_show_triggers(struct seq_file *m, const struct trace_event_file *file)
{
	const struct event_trigger *trigger = file->triggers;

	lockdep_assert_held(&event_mutex);
	if (!trigger)
		show_commands(m);
	for (; trigger; trigger = trigger->next)
		show_trigger(m, trigger);
}

void trace_event_show_hists(struct seq_file *m, const struct trace_event_file *file)
{
	const struct event_trigger *trigger = file->triggers;
	const char *between = "";

	lockdep_assert_held(&event_mutex);
	for (; trigger; trigger = trigger->next) {
		if (!trigger->hist)
			continue;
		seq_printf(m, "%s# event histogram\n#\n# trigger info: ", between);
		show_trigger(m, trigger);
		seq_puts(m, "#\n\n");
		hist_show_table(m, trigger->hist);
		between = "\n\n";
	}
}
