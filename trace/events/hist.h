/* SPDX-License-Identifier: MIT */
/*
 * Histograms of events: what the trigger `hist` counts, by keys that it takes from the records.
 * hist.c counts, hist_parse.c reads what people write, and hist_show.c writes the file `hist`.
 */
#pragma once
#include "trace/events/filter.h"
#include "trace/events/tracing_map.h"

#define HIST_KEYS_MAX 3
#define HIST_VALS_MAX 8			/* with the hit count */
#define HIST_FIELDS_MAX (HIST_KEYS_MAX + HIST_VALS_MAX)
#define HIST_SORT_MAX 2
#define HIST_TEXT 256u			/* bytes of a text in a key; the rest is cut off */
#define HIST_STACK 16u			/* addresses of a stack in a key */
#define HIST_COMM 16u			/* bytes of a thread's name beside a key */

struct seq_file;
struct trace_array;
struct trace_event_file;
struct trigger_error;

enum hist_source {
	HIST_NUMBER,			/* a field of the record */
	HIST_TEXT_FIELD,		/* one of text, wherever that is */
	HIST_COMM_FIELD,		/* the thread's name */
	HIST_CPU,
	HIST_TIMESTAMP,
	HIST_STACKTRACE,
	HIST_HITCOUNT,			/* 1 */
};

enum hist_modifier {
	HIST_PLAIN, HIST_HEX, HIST_SYM, HIST_SYM_OFFSET, HIST_EXECNAME, HIST_LOG2, HIST_BUCKETS,
	HIST_USECS, HIST_STACK_FIELD, HIST_PERCENT, HIST_GRAPH, NR_HIST_MODIFIERS,
};
extern const char *const hist_modifiers[NR_HIST_MODIFIERS];

struct hist_field {
	const char *name;
	enum hist_source source;
	enum hist_modifier modifier;
	struct filter_field field;	/* where it is in the record */
	unsigned long buckets;		/* how wide they are */
	unsigned int at, words;		/* in an element's words; a value: words is 0 */
};

struct hist_sort {
	unsigned int field;		/* index of struct hist's fields */
	bool descending;
};

struct hist {
	struct tracing_map *map;	/* several may share one, by their name */
	u16 short_key;			/* the key is a number at this place of the record, of */
	bool short_wide, short_signed;	/* 8 bytes or of 4; 0: it is not */
	bool no_hitcount;
	bool timestamps;
	unsigned int bits;		/* of the table: 1 << bits elements */
	unsigned int nr_vals, nr_keys, nr_sort;
	struct hist_field fields[HIST_FIELDS_MAX];	/* values, the hit count first; then keys */
	struct hist_sort sort[HIST_SORT_MAX];
	const char *name;		/* NULL: none */
	const char *clock;		/* what a time is taken from */
	struct trace_array *tr;
	unsigned long iterator, iterator_size;	/* what calls the event's probes */
	char text[];			/* what the names above point into */
};

/* What a hist trigger's text says beside the histogram itself. */
struct hist_request {
	bool pause, cont, clear;
};

/*
 * Make the histogram that @text (@len bytes, behind "hist:") describes, without its table. Returns
 * 0; -EINVAL with *@error filled in; or -ENOMEM. Thread context.
 */
int hist_create(struct trace_event_file *file, const char *text, size_t len, struct hist **hist,
		struct hist_request *request, struct trigger_error *error);
/* Give it a table: that of @other, which has the same fields; or for NULL one of its own. */
int hist_share_map(struct hist *hist, const struct hist *other);
/* Nobody uses it any more. NULL is allowed. */
void hist_free(struct hist *hist);
/* Are they alike: in fields, order, size and name? Those of one name that can share a table are. */
bool hist_is_same(const struct hist *a, const struct hist *b);

/*
 * Count a hit. @record is NULL if it is too long; @from is where a stack begins. Any context,
 * preemption off; untraced.
 */
void hist_hit(const struct hist *hist, const void *record, unsigned long from);

/* Write the trigger's text: without its filter and state; and the table. */
void hist_show_trigger(struct seq_file *m, const struct hist *hist);
void hist_show_table(struct seq_file *m, const struct hist *hist);
