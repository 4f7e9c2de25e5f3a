/* SPDX-License-Identifier: MIT */
/*
 * Triggers: what is done when an event happens, whether it is recorded or not. One may have a
 * filter, and a count of how often it may act.
 */
#pragma once
#include "trace/events/filter.h"

struct seq_file;
struct trace_event_file;

#define TRIGGER_UNLIMITED (~0ul)

struct event_trigger {
	struct event_trigger *next;
	const struct trigger_command *command;
	unsigned long count;			/* how often it may still act */
	struct event_filter *filter;		/* only for records that pass; NULL: for all */
	struct trace_event_file *target;	/* of enable_event and disable_event */
};

struct trigger_command {
	const char *name;
	/* Is there anything to do? NULL: always. Only then the count goes down. */
	bool (*useful)(const struct event_trigger *trigger, struct trace_event_file *file);
	void (*act)(const struct event_trigger *trigger, struct trace_event_file *file,
		    unsigned long from);
	bool has_target;
	bool after;			/* it acts after the event is recorded */
	const char *missing;		/* why this command does not exist here; else NULL */
};
extern const struct trigger_command trigger_commands[];	/* ends with a NULL name */

/*
 * Run those that act before the record is written, which is so without a filter; and then, for the
 * record or NULL, the others. @from is where a stack begins. Any context, preemption off;
 * untraced.
 */
void event_triggers_before(struct trace_event_file *file, unsigned long from);
void event_triggers_after(struct trace_event_file *file, const void *record, unsigned long from);

/*
 * What people write into a file `trigger`: [!]COMMAND[:SYSTEM:EVENT][:COUNT][ if FILTER]. Returns
 * 0; -EINVAL; -EEXIST if the event has this trigger already; -ENOENT if there is no such trigger,
 * or no such event; -EOPNOTSUPP; -ENOMEM; or an error of trace_event_update(). *@why says why, or
 * is NULL; if the filter is refused, *@expression is the expression, and *@error says why.
 * event_mutex is held.
 */
int trace_event_set_trigger(struct trace_event_file *file, const char *text, const char **why,
			    const char **expression, struct filter_error *error);
/* Write the triggers, the latest first, or which commands there are. event_mutex is held. */
void trace_event_show_triggers(struct seq_file *m, const struct trace_event_file *file);
