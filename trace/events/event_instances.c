/* SPDX-License-Identifier: MIT */
/*
 * An event in each instance: the trace_event_files that follow the one that is inside of the event.
 * The files of an instance come and go with it, those of an event with the event. Untraced.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/wait.h"
#include "trace/events/func_command.h"
#include "trace/events/trace_events.h"

struct trace_event_file *trace_event_file_of(struct trace_event_call *call,
					     const struct trace_array *tr)
{
	struct trace_event_file *file = &call->file;

	lockdep_assert_held(&event_mutex);
	while (file && file->tr != tr)
		file = file->next;
	return file;
}

/* Is @name one of @list, "a,b"? */
static bool is_listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (; list; list = strchr(list, ',')) {
		list += *list == ',';
		if (!strncmp(list, name, len) && (!list[len] || list[len] == ','))
			return true;
	}
	return false;
}

static int add_file(struct trace_event_call *call, struct trace_array *tr)
{
	struct trace_event_file *file;

	lockdep_assert_held(&event_mutex);
	if (tr->systems && !is_listed(tr->systems, call->class->system))
		return 0;
	file = kzalloc(sizeof(*file), GFP_KERNEL);
	if (!file)
		return -ENOMEM;
	file->call = call;
	file->tr = tr;
	file->type = call->file.type;
	file->other_pid = call->file.other_pid;
	file->next = call->file.next;
	/* A dynamic event's probe may be walking the list. */
	smp_store_release(&call->file.next, file);
	return 0;
}

/* The file is off, and has neither filter nor trigger. */
static void remove_file(struct trace_event_file *file)
{
	struct trace_event_file *before = &file->call->file;

	while (before->next != file)
		before = before->next;
	smp_store_release(&before->next, file->next);
	/* A dynamic event's probe may be there for another instance, and be walking the list. */
	if (file->call->class->reg)
		trace_event_wait_until_left(file);
	kfree(file);
}

int trace_event_add_files(struct trace_event_call *call)
{
	struct trace_array *tr;
	int err = 0;

	for_each_trace_array(tr) {
		if (!err && tr != &global_trace)
			err = add_file(call, tr);
	}
	return err;
}

static void forget_filter(struct trace_event_file *file)
{
	struct event_filter *filter = file->filter;

	file->filter = NULL;
	event_filter_free(filter);
}

void trace_event_remove_files(struct trace_event_call *call)
{
	struct trace_event_file *file, *next;

	for (file = call->file.next; file; file = next) {
		next = file->next;
		forget_filter(file);
		remove_file(file);
	}
	forget_filter(&call->file);
}

/* --- Instances --- */

static int stop_file(struct trace_event_file *file)
{
	int err;

	/* First, because a trigger could switch the event on again. */
	trace_event_remove_triggers(file);
	err = trace_event_enable(file, false);
	/* For want of memory the probe may still be there, although nobody needs it. */
	if (!err)
		err = trace_event_update(file);
	if (!err)
		forget_filter(file);
	return err;
}

int trace_events_stop_instance(struct trace_array *tr)
{
	struct trace_event_call *call = NULL;
	struct trace_event_file *file;
	/* Commands at functions may switch events, as triggers may. */
	int err = trace_remove_func_commands(tr), result;

	while ((call = trace_event_next(call)) != NULL) {
		file = trace_event_file_of(call, tr);
		result = file ? stop_file(file) : 0;
		err = err ? err : result;
	}
	trace_system_forget_filter(tr, NULL);
	return err;
}

void trace_events_remove_instance(struct trace_array *tr)
{
	struct trace_event_call *call = NULL;
	struct trace_event_file *file;

	while ((call = trace_event_next(call)) != NULL) {
		file = trace_event_file_of(call, tr);
		if (file)
			remove_file(file);
	}
}

int trace_events_add_instance(struct trace_array *tr)
{
	struct trace_event_call *call = NULL;
	int err = 0;

	while (!err && (call = trace_event_next(call)) != NULL)
		err = add_file(call, tr);
	if (err)
		trace_events_remove_instance(tr);
	return err;
}
