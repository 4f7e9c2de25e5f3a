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
	/* Called when nothing asks for a retired type any more. NULL: see below. */
	void (*release)(const struct trace_event_type *type);
};

/*
 * Give @type a number. Returns it, or -ENOSPC. It stays until it is retired. *@used_before tells
 * whether there may be entries of an older type with this number; the caller drops them. Thread
 * context; may sleep; the caller sees to it that there is only one at a time.
 */
int trace_event_type_register(const struct trace_event_type *type, bool *used_before);
/*
 * There will be no more entries of this type. Those that there are are printed as before until
 * there is no other number left for a new type: then release() is called. A type without release()
 * is not used any more when this returns; its entries print as being of an unknown type.
 */
void trace_event_type_retire(unsigned int number);
/* Returns the type of this number, or NULL. Any context. */
const struct trace_event_type *trace_event_type_get(unsigned int number);
/* Is there a type of this number now? Any context. */
bool trace_event_type_known(unsigned int number);
/* Print an entry. Any context. */
void trace_event_type_text(struct trace_seq *s, const struct trace_iterator *iter);
