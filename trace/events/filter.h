/* SPDX-License-Identifier: MIT */
/*
 * Filters of events: an expression such as `prev_prio < 16 && comm ~ "k*"`, and the program that
 * it becomes. A step of the program asks one term of the expression of a record, and knows the step
 * that follows if the term is true, and the one if it is false; so `&&`, `||`, `!` and parentheses
 * are not in it any more:
 *
 *	a && (b || !c)      a --true--> b --true---------> yes
 *	                    |           +--false--> c --false--> yes
 *	                    +--false--> no          +--true----> no
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

struct trace_event_call;
struct trace_event_field;

struct filter_step {
	/* The test; NULL stands for the one that is made in place: 32 bits in [low, low + span]. */
	bool (*test)(const struct filter_step *step, const void *record);
	const struct filter_step *next[2];	/* if false, if true; or FILTER_NO, FILTER_YES */
	u16 offset, size;			/* of the field in the record, in bytes */
	u16 len;				/* of text */
	bool glob;				/* text is a pattern */
	const char *text;
	/* Of unsigned arithmetic, so that one test does for all comparisons of numbers. */
	union {
		struct {
			u32 low, span;
		};
		struct {
			u64 low64, span64;
		};
		u64 mask;
	};
};
#define FILTER_NO ((const struct filter_step *)0)
#define FILTER_YES ((const struct filter_step *)1)

struct event_filter {
	char *text;			/* as it was written */
	char *strings;			/* what the steps' texts point into */
	bool has_cpu;			/* it asks for the CPU */
	struct filter_step steps[];
};

#define FILTER_NO_FIELD "Field not found"

struct filter_error {
	const char *text;		/* a constant */
	unsigned int pos;		/* where Linux says that it is: its caret's place */
};

/*
 * Make the filter of @text for the records of @call. Returns 0; -ENOMEM; or -EINVAL, with *@error
 * filled in. Thread context.
 */
int event_filter_create(const struct trace_event_call *call, const char *text,
			struct event_filter **filter, struct filter_error *error);
/* Free a filter that nobody uses any more. NULL is allowed. */
void event_filter_free(struct event_filter *filter);
/*
 * Does the expression hold for a record? Any context; with preemption off if it has_cpu. Inline,
 * because every event with a filter asks it. Untraced.
 */
static __always_inline bool event_filter_match(const struct event_filter *filter,
					       const void *record)
{
	const struct filter_step *step = filter->steps;

	do {
		const char *field = (const char *)record + step->offset;
		bool yes;

		if (likely(!step->test))
			yes = *(const u32 *)(const void *)field - step->low <= step->span;
		else
			yes = step->test(step, record);
		step = step->next[yes];
	} while ((unsigned long)step > (unsigned long)FILTER_YES);
	return step == FILTER_YES;
}

/* --- The fields of a record by their names --- */

enum filter_kind {
	FILTER_NUMBER,
	FILTER_TEXT,			/* an array of char in the record */
	FILTER_DYNAMIC_TEXT,		/* the same, of variable length */
	FILTER_POINTER_TEXT,		/* the record has its address */
	FILTER_COMM,			/* the thread's name: not in the record */
	FILTER_CPU,			/* the CPU's number: neither */
	FILTER_OTHER,			/* nothing that can be compared */
};

struct filter_field {
	enum filter_kind kind;
	u16 offset, size;
	bool is_signed;
	const struct trace_event_field *own;	/* NULL if all events have it */
};

/* Find the field of @call of this name (@len bytes): its own, or one that all events have. */
bool event_find_field(const struct trace_event_call *call, const char *name, size_t len,
		      struct filter_field *found);
/* Is it a text, or is it a thread's name? */
bool event_field_is_text(const struct filter_field *field);
/* Its value, extended by its sign if it has one: of FILTER_NUMBER. Any context, untraced. */
u64 event_field_number(const struct filter_field *field, const void *record);
/*
 * Copy a text, without a NUL; or an array of variable length. Returns its length, @room at most.
 * Any context, untraced.
 */
size_t event_field_text(const struct filter_field *field, const void *record, char *to,
			size_t room);
size_t event_field_array(const struct filter_field *field, const void *record, void *to,
			 size_t room);

/* --- For the parser: how a step is told what to test (filter.c) --- */

enum filter_op { OP_GLOB, OP_NE, OP_EQ, OP_LE, OP_LT, OP_GE, OP_GT, OP_BAND, NR_FILTER_OPS };

/*
 * These tell a step what to ask about the field: how it compares with a number, which fits into it;
 * whether it is in [start, end); whether it is a bit of the set; whether it is the text, or matches
 * it. The caller has checked that the field is of such a kind. Returns true if the step's answer is
 * to be turned round.
 */
bool filter_step_number(struct filter_step *step, const struct filter_field *field,
			enum filter_op op, u64 value);
void filter_step_range(struct filter_step *step, const struct filter_field *field,
		       unsigned long start, unsigned long end);
void filter_step_set(struct filter_step *step, const struct filter_field *field, u64 set);
void filter_step_text(struct filter_step *step, const struct filter_field *field, bool glob,
		      const char *text, size_t len);
