/* SPDX-License-Identifier: MIT */
/*
 * Triggers: what is done when an event happens, whether it is recorded or not. One may have a
 * filter, and a count of how often it may act.
 */
#pragma once
#include "trace/events/filter.h"

struct hist;
struct hist_request;
struct seq_file;
struct trace_array;
struct trace_event_file;

#define TRIGGER_UNLIMITED (~0ul)

struct event_trigger {
	struct event_trigger *next;
	const struct trigger_command *command;
	unsigned long count;			/* how often it may still act */
	struct event_filter *filter;		/* only for records that pass; NULL: for all */
	struct trace_event_file *target;	/* an event that it switches, or whose hists */
	struct hist *hist;			/* of the command hist; else NULL */
};

struct trigger_command {
	const char *name;
	/* Is there anything to do? NULL: always. Only then the count goes down. */
	bool (*useful)(const struct event_trigger *trigger, struct trace_array *tr);
	/* @record is NULL if the command needs none, or the event's is too long. */
	void (*act)(const struct event_trigger *trigger, struct trace_array *tr,
		    const void *record, unsigned long from);
	bool has_target;
	bool after;			/* it acts after the event is recorded */
	bool is_hist;			/* it counts in a histogram */
	bool takes_snapshot;
	bool of_hists;			/* it switches the histograms of its target */
	bool dumps;			/* it needs trace_dump_arm() */
};
/* Both end with a NULL name. The second ones are for functions (func_command.h). */
extern const struct trigger_command trigger_commands[], function_commands[];

/*
 * Run the event's triggers: before its record is written those that have no filter, unless their
 * command says otherwise; afterwards the others. @record is NULL if it was too long to be made.
 * @from is where a stack begins. Any context, preemption off; untraced.
 */
void event_triggers_before(struct trace_event_file *file, unsigned long from);
void event_triggers_after(struct trace_event_file *file, const void *record, unsigned long from);

/*
 * May it act once more? Then *@count goes down. Several CPUs may take the last ones at the same
 * time: none of them takes one too many. Any context, untraced.
 */
bool trigger_take(unsigned long *count);

/*
 * Count a hit in the histogram if its key is a number that is in the table already, or if it is
 * paused; otherwise nothing happens, and false is returned. Any context, untraced.
 */
bool hist_hit_short(const struct hist *hist, const void *record);

/* Why a text was refused. */
struct trigger_error {
	const char *text;	/* a constant; NULL: the error's number says it */
	const char *command;	/* NULL, or the part of the text of which a place is wrong */
	unsigned int pos;	/* that place */
	bool in_hist;		/* it is a histogram's, rather than a filter's */
};

/*
 * What people write into a file `trigger`: [!]COMMAND[:SYSTEM:EVENT][:COUNT][ if FILTER], or
 * [!]hist:PARAMETERS[ if FILTER]. Returns 0; -EINVAL; -EEXIST if the event has this trigger
 * already; -ENOENT if there is no such trigger, or no such event; -EOPNOTSUPP; -ENOMEM; or an error
 * of trace_event_update(). *@error says why. event_mutex is held.
 */
int trace_event_set_trigger(struct trace_event_file *file, const char *text,
			    struct trigger_error *error);
/* Note the error in error_log, if it has a command. Returns false if it has none. */
bool trace_event_log_trigger_error(const struct trace_event_file *file,
				   const struct trigger_error *error);
/* Remove its histograms, as opening the file `trigger` by `>` does. event_mutex is held. */
void trace_event_remove_hists(struct trace_event_file *file);
/* Remove all that it has, and those by which other events switch it. event_mutex is held. */
void trace_event_remove_triggers(struct trace_event_file *file);
/* Write the triggers, the latest first, or which commands there are. event_mutex is held. */
void trace_event_show_triggers(struct seq_file *m, const struct trace_event_file *file);
/* Write the tables of its histograms, the latest first. event_mutex is held. */
void trace_event_show_hists(struct seq_file *m, const struct trace_event_file *file);

/*
 * trigger_parse.c: read a text, without `!`, into @trigger, of which nothing is in force yet. The
 * errors are as above, after which nothing is allocated.
 */
int event_trigger_parse(struct trace_event_file *file, const char *text, bool removes,
			struct event_trigger *trigger, struct hist_request *request,
			struct trigger_error *error);
/* Free what it has, but not the trigger itself. */
void event_trigger_free(struct event_trigger *trigger);
/*
 * Its parts, which commands at functions have as well. Each goes on at *@text, and moves it behind
 * what it has read: the name of a command, one of @commands, which end with a NULL name;
 * :SYSTEM:EVENT; and :COUNT, if there is a colon. 0, or an error as above. event_mutex is held.
 */
int trigger_parse_command(const struct trigger_command *commands, struct event_trigger *trigger,
			  const char **text, struct trigger_error *error);
int trigger_parse_target(struct trace_array *tr, struct event_trigger *trigger, const char **text,
			 struct trigger_error *error);
int trigger_parse_count(struct event_trigger *trigger, const char **text,
			struct trigger_error *error);
/* Write what follows a command: its target, and its @count. event_mutex is held. */
void trigger_show_rest(struct seq_file *m, const struct event_trigger *trigger,
		       unsigned long count);

/*
 * trigger_set.c: have ready all that the command needs to act at somebody's hands, its target
 * included; and give that up, when nobody runs it any more. arm: 0, or an error with nothing
 * changed. event_mutex is held.
 */
int trigger_arm(struct trace_array *tr, const struct event_trigger *trigger);
void trigger_disarm(struct trace_array *tr, const struct event_trigger *trigger);
