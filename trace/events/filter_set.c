/* SPDX-License-Identifier: MIT */
/*
 * Which event has which filter. A filter is never changed: another one takes its place, and it is
 * freed when no thread is in the event's probe any more.
 */
#include "kernel/fs/seq_file.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "trace/events/trace_events.h"

/* The text that was written last to the filter of a system; "0" takes it out of the list. */
struct system_filter {
	struct system_filter *next;
	const char *system;		/* behind the text: a module's own goes with it */
	char text[];
};

static bool clears(const char *text)
{
	return !strcmp(text, "0");
}

/* Let the event have @now, which may be NULL. On an error, which is returned, @now is freed. */
static int swap(struct trace_event_file *file, struct event_filter *now)
{
	struct event_filter *old = file->filter;
	const void *probe = file->probe;
	int err;

	lockdep_assert_held(&event_mutex);
	smp_store_release(&file->filter, now);
	err = trace_event_update(file);
	if (err) {
		smp_store_release(&file->filter, old);
		trace_event_update(file);
		old = now;
	}
	/* To switch to another probe has waited already. */
	if (old && file->probe && file->probe == probe)
		trace_event_wait_until_left(file);
	event_filter_free(old);
	return err;
}

int trace_event_set_filter(struct trace_event_file *file, const char *text,
			   struct filter_error *error)
{
	struct event_filter *filter = NULL;
	int err = 0;

	lockdep_assert_held(&event_mutex);
	*error = (struct filter_error){ NULL, 0 };
	if (!clears(text))
		err = event_filter_create(file->call, text, &filter, error);
	return err ? err : swap(file, filter);
}

void trace_event_show_filter(struct seq_file *m, const struct trace_event_file *file)
{
	lockdep_assert_held(&event_mutex);
	seq_printf(m, "%s\n", file->filter ? file->filter->text : "none");
}

/* --- Systems --- */

static struct system_filter **find_system(struct trace_array *tr, const char *system)
{
	struct system_filter **link = &tr->system_filters;

	while (*link && strcmp((*link)->system, system))
		link = &(*link)->next;
	return link;
}

static int remember(struct trace_array *tr, const char *system, const char *text)
{
	struct system_filter **link = find_system(tr, system), *old = *link, *now = NULL;
	size_t size = strlen(text) + 1, name_size = strlen(system) + 1;

	if (!clears(text)) {
		now = kmalloc(sizeof(*now) + size + name_size, GFP_KERNEL);
		if (!now)
			return -ENOMEM;
		now->system = memcpy(now->text + size, system, name_size);
		now->next = old ? old->next : NULL;
		memcpy(now->text, text, size);
	}
	*link = now ? now : old ? old->next : NULL;
	kfree(old);
	return 0;
}

/*
 * An event without one of the fields keeps the filter that it has. If no event takes the new one,
 * an error that is more than a missing field is told rather than that.
 */
int trace_system_set_filter(struct trace_array *tr, const char *system, const char *text,
			    struct filter_error *error)
{
	struct trace_event_call *call = NULL;
	struct trace_event_file *file;
	struct filter_error one;
	bool taken = false;
	int err;

	lockdep_assert_held(&event_mutex);
	*error = (struct filter_error){
		"Couldn't find or set field in one of a subsystem's events", 0,
	};
	while ((call = trace_event_next(call)) != NULL) {
		file = trace_event_file_of(call, tr);
		if (!file || strcmp(call->class->system, system))
			continue;
		err = trace_event_set_filter(file, text, &one);
		/* Without memory the events behind this one would fail as well. */
		if (err && err != -EINVAL)
			return err;
		taken |= !err;
		if (err && one.text && strcmp(one.text, FILTER_NO_FIELD))
			*error = one;
	}
	return taken ? remember(tr, system, text) : -EINVAL;
}

void trace_system_forget_filter(struct trace_array *tr, const char *system)
{
	lockdep_assert_held(&event_mutex);
	if (system) {
		remember(tr, system, "0");
		return;
	}
	while (tr->system_filters)
		remember(tr, tr->system_filters->system, "0");
}

void trace_system_show_filter(struct seq_file *m, struct trace_array *tr, const char *system)
{
	const struct system_filter *filter = *find_system(tr, system);

	lockdep_assert_held(&event_mutex);
	if (filter)
		seq_printf(m, "%s\n", filter->text);
	else
		seq_puts(m, "### global filter ###\n"
			 "# An expression that is written here becomes the filter of each event\n"
			 "# of this system that has its fields; 0 clears the filters of all.\n");
}
