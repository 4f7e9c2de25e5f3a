/* SPDX-License-Identifier: MIT */
/* The table of types of entries that are not fixed. Untraced: reports print the trace. */
#include "trace/output/trace_event_type.h"
#include "kernel/lib/errno.h"
#include "trace/core/reclaim.h"

static const struct trace_event_type *event_types[TRACE_EVENT_TYPES];
static bool retired[TRACE_EVENT_TYPES];
static unsigned int next_type;		/* where the search for a number begins */

static void wait_for_printing(void)
{
	ftrace_wait_until_function_left((unsigned long)trace_event_type_text);
}

/* The one whose turn it is, so that a number is used again as late as possible. */
static bool find_number(unsigned int *number, bool of_retired)
{
	for (unsigned int i = 0; i < TRACE_EVENT_TYPES; i++) {
		*number = (next_type + i) % TRACE_EVENT_TYPES;
		if (of_retired ? retired[*number] : !event_types[*number] && !retired[*number])
			return true;
	}
	return false;
}

int trace_event_type_register(const struct trace_event_type *type, bool *used_before)
{
	const struct trace_event_type *old;
	unsigned int number;

	*used_before = false;
	if (!find_number(&number, false)) {
		*used_before = find_number(&number, true);
		if (!*used_before)
			return -ENOSPC;
	}
	old = event_types[number];
	retired[number] = false;
	smp_store_release(&event_types[number], type);
	next_type = (number + 1) % TRACE_EVENT_TYPES;
	if (old) {
		wait_for_printing();
		old->release(old);
	}
	return (int)(TRACE_EVENT_TYPE_FIRST + number);
}

void trace_event_type_retire(unsigned int number)
{
	const struct trace_event_type **slot = &event_types[number - TRACE_EVENT_TYPE_FIRST];

	retired[number - TRACE_EVENT_TYPE_FIRST] = true;
	if ((*slot)->release)
		return;
	smp_store_release(slot, NULL);
	wait_for_printing();
}

bool trace_event_type_known(unsigned int number)
{
	number -= TRACE_EVENT_TYPE_FIRST;
	return number < TRACE_EVENT_TYPES && READ_ONCE(event_types[number]);
}

const struct trace_event_type *trace_event_type_get(unsigned int number)
{
	number -= TRACE_EVENT_TYPE_FIRST;
	return number < TRACE_EVENT_TYPES ? smp_load_acquire(&event_types[number]) : NULL;
}

void trace_event_type_text(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct trace_event_type *type = trace_event_type_get(iter->ent->type);

	if (type && iter->ent_size >= type->size) {
		trace_seq_puts(s, type->name);
		trace_seq_puts(s, ": ");
		type->text(s, iter);
	} else {
		trace_seq_printf(s, "Unknown type %u\n", iter->ent->type);
	}
	/* Not a tail call: whoever retires a type waits until nobody is inside this function. */
	barrier();
}
