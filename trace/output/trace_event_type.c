/* SPDX-License-Identifier: MIT */
/* The table of types of entries that are not fixed. Untraced: reports print the trace. */
#include "trace/output/trace_event_type.h"
#include "kernel/lib/errno.h"

static const struct trace_event_type *event_types[TRACE_EVENT_TYPES];
static unsigned int next_type;		/* how many have a number */

int trace_event_type_register(const struct trace_event_type *type)
{
	unsigned int number = next_type;

	if (number == TRACE_EVENT_TYPES)
		return -ENOSPC;
	smp_store_release(&event_types[number], type);
	next_type++;
	return (int)(TRACE_EVENT_TYPE_FIRST + number);
}

bool trace_event_type_known(unsigned int number)
{
	number -= TRACE_EVENT_TYPE_FIRST;
	return number < TRACE_EVENT_TYPES && READ_ONCE(event_types[number]);
}

void trace_event_type_text(struct trace_seq *s, const struct trace_iterator *iter)
{
	unsigned int number = iter->ent->type - TRACE_EVENT_TYPE_FIRST;
	const struct trace_event_type *type = NULL;

	if (number < TRACE_EVENT_TYPES)
		type = smp_load_acquire(&event_types[number]);
	if (type && iter->ent_size >= type->size) {
		trace_seq_puts(s, type->name);
		trace_seq_puts(s, ": ");
		type->text(s, iter);
	} else {
		trace_seq_printf(s, "Unknown type %u\n", iter->ent->type);
	}
}
