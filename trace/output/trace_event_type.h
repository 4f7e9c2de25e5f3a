/* SPDX-License-Identifier: MIT */
/*
 * Types of entries that are not fixed: events have a number each, and print themselves.
 */
#pragma once
#include "trace/output/trace_output.h"

#define TRACE_EVENT_TYPE_FIRST 20	/* behind those in trace_entries.h */
#define TRACE_EVENT_TYPES 512

struct trace_event_type {
	const char *name;		/* printed before the text */
	unsigned int size;		/* the least size of an entry, in bytes */
	void (*text)(struct trace_seq *s, const struct trace_iterator *iter);
};

/*
 * Give @type, which must stay, a number. Returns it, or -ENOSPC. Thread context; the caller sees to
 * it that there is only one at a time.
 */
int trace_event_type_register(const struct trace_event_type *type);
/* Is there a type of this number now? Any context. */
bool trace_event_type_known(unsigned int number);
/* Print an entry. Any context. */
void trace_event_type_text(struct trace_seq *s, const struct trace_iterator *iter);
