/* SPDX-License-Identifier: MIT */
/*
 * Dynamic events: what a person asks of a function's entry or return, or of a tracepoint, by a line
 * of text, becomes an event like all others. Each argument of such an event is a small program that
 * says where its value comes from (struct fetch_step), and a type that says how it is kept and
 * printed. The steps:
 *
 *	probe_command.c    a line becomes an event, or takes events away; the list of them
 *	probe_parse.c      the words behind the function's name become programs
 *	probe_type.c       the types
 *	probe_fetch.c      runs the programs, in the context of the call that is probed
 *	probe_event.c      the event: its record, and what it is attached to
 *	probe_print.c      its text, and its description for other programs
 */
#pragma once
#include "kernel/lib/list.h"
#include "trace/events/trace_events.h"
#include "trace/tracers/fprobe.h"

#define PROBE_NAME_MAX 64		/* bytes of a group's or an event's name, with the NUL */
#define PROBE_ARG_NAME_MAX 32		/* the same of an argument's */
#define PROBE_ARG_TEXT_MAX 63		/* bytes of an argument's expression */
#define PROBE_ARGS_MAX 64
#define PROBE_ARRAY_MAX 64		/* elements */
#define PROBE_STEPS_MAX 16
#define PROBE_WORDS 16			/* of a call's arguments; further ones are out of reach */

/* --- Types --- */

enum probe_print { PRINT_UNSIGNED, PRINT_SIGNED, PRINT_HEX, PRINT_CHAR, PRINT_SYMBOL, PRINT_TEXT };

struct probe_type {
	const char *name;
	const char *field;		/* its name in C */
	const char *format;		/* of print fmt */
	enum probe_print print;
	u8 size;			/* in a record; of a text: of the word that finds it */
	bool symbol_text;		/* the text is the name of what the value points to */
};

/* The type of this name, or NULL; and that of a number. */
const struct probe_type *probe_type_find(const char *name);
const struct probe_type *probe_type_number(char kind, unsigned int size);

/* --- Programs --- */

enum fetch_op {
	/* These begin a program, and leave a value. */
	FETCH_WORD,			/* word `value` of the call's arguments */
	FETCH_TWO_WORDS,		/* it and the next one, on machines of 32 bits */
	FETCH_REGISTER,			/* `value` bytes into struct ftrace_regs */
	FETCH_RESULT,
	FETCH_WIDE_RESULT,		/* in two registers */
	FETCH_STACK_POINTER,
	FETCH_NUMBER,			/* `value` itself */
	FETCH_COMM,			/* the thread's name: a text */
	FETCH_STRING,			/* probe_arg.string: a text */
	/* This follows any of them but the last two: the value is an address, `value` away. */
	FETCH_MEMORY,
};

struct fetch_step {
	enum fetch_op op;
	unsigned long value;
};

struct probe_arg {
	const struct probe_type *type;
	unsigned int nr_steps;
	struct fetch_step steps[PROBE_STEPS_MAX];
	u16 offset;			/* in the record */
	u16 count;			/* elements of an array; 0 if it is none */
	u8 bits, shift;			/* of a bit field: how many, and the first; bits 0: none */
	char *string;
	char name[PROBE_ARG_NAME_MAX];
	char text[PROBE_ARG_TEXT_MAX + 1];	/* the expression, as it was written */
};

static inline bool probe_arg_is_text(const struct probe_arg *arg)
{
	return arg->type->print == PRINT_TEXT;
}

/* Where the programs of one hit get their values from. */
struct probe_source {
	const struct ftrace_regs *fregs;	/* NULL at a tracepoint */
	const unsigned long *words;		/* of the arguments: as many as the event needs */
};

/*
 * Fill in all arguments of the record, whose texts go to @record + *@end and on, before
 * @record + @room; *@end is advanced. Memory that cannot be read gives 0, or no text. Any context,
 * untraced.
 */
struct probe_event;
void probe_fetch_args(const struct probe_event *event, const struct probe_source *source,
		      char *record, unsigned int *end, unsigned int room);

/* --- Events --- */

enum probe_kind { PROBE_KPROBE = 1, PROBE_FPROBE = 2, PROBE_TRACEPOINT = 4, PROBE_ANY = 7 };

struct probe_event {
	struct trace_event_call call;
	struct trace_event_class class;
	struct list_head list;
	enum probe_kind kind;
	struct trace_event_file *only_plain;	/* all that a hit is for; NULL: look for more */
	bool is_return;
	bool has_text;			/* so that the length of a record is not known before */
	unsigned int max_active;	/* as it was written; each thread has a shadow stack here */
	unsigned int nr_words;		/* of the arguments that are read */
	unsigned int head_size;		/* bytes of a record without its texts */
	unsigned long hits[NR_CPUS];
	struct fprobe fp;
	char group[PROBE_NAME_MAX], name[PROBE_NAME_MAX];
	char *function;			/* [MODULE:]NAME; of a tracepoint the name */
	struct trace_event_field *fields;
	char *print_fmt;
	unsigned int nr_args;
	struct probe_arg *args;
};

/* A record begins with one or two addresses: where the hit was; or the function and its caller. */
struct probe_record {
	struct trace_entry ent;
	unsigned long ip;
	unsigned long ret_ip;		/* of a return */
};

struct probe_error {
	const char *text;		/* a constant; NULL: the errno says it all */
	unsigned int pos;		/* where in the line it is */
	const char *log;		/* under which name Linux logs it */
};

/* What the parser of arguments is told of the place that is probed. */
struct probe_place {
	unsigned long site;		/* whose prototype is looked up; 0: none is known */
	unsigned int skip;		/* words in front of the function's arguments */
};
/*
 * Find the function or the tracepoint that the event names. Returns 0, or an error with
 * *@why set: there is none, there are several, or it cannot be probed.
 */
int probe_find_place(const struct probe_event *event, struct probe_place *place, const char **why);

/*
 * Make programs of @nr words of @line, which has a NUL behind each. Returns 0, -ENOMEM, -E2BIG or
 * -EINVAL; then *@error says more.
 */
int probe_parse_args(struct probe_event *event, const struct probe_place *place, const char *line,
		     char **words, unsigned int nr, struct probe_error *error);
/* Let the arguments have their places in the record, and describe it. 0 or -ENOMEM. */
int probe_event_lay_out(struct probe_event *event);
/* Append the text of a record, with the newline. Any context, untraced. */
void probe_event_text(struct trace_seq *s, const struct trace_iterator *iter);
int probe_event_describe(struct probe_event *event);	/* event->print_fmt: 0 or -ENOMEM */
/* Prepare event->class and event->call, all else is filled in. */
void probe_event_init(struct probe_event *event);
void probe_event_free(struct probe_event *event);

/* --- What people write and read --- */

/*
 * Act on a line of dynamic_events, or of a file that is for some kinds alone: make an event, or
 * take some away. Empty lines and comments do nothing. Returns 0, or an error: -EBUSY if an event
 * is in use, -ENOENT if there is none; *@error says more. Takes event_mutex.
 */
int probe_command(const char *line, unsigned int kinds, struct probe_error *error);
/* Take all events of these kinds away: 0, or -EBUSY and then none is. Takes event_mutex. */
int probe_remove_all(unsigned int kinds);
/* Switch all of these kinds on; what fails is logged. Takes event_mutex. */
void probe_enable_all(unsigned int kinds);
/* Write the events as lines that make them; and how often each was hit and missed. */
void probe_show_events(struct seq_file *m, unsigned int kinds);
void probe_show_profile(struct seq_file *m);
