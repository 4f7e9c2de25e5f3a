/* SPDX-License-Identifier: MIT */
/*
 * Counting in histograms (hist.h). Untraced, and for any context, because an event may come in any.
 * A key that is one number costs a look into the table; other keys are built in the table's memory.
 */
#include "trace/events/hist.h"
#include "kernel/arch.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/unwind.h"
#include "trace/events/trace_events.h"

/* --- Numbers --- */

static u64 timestamp(const struct hist *hist, const struct hist_field *field)
{
	const struct trace_clock *clock = &trace_clocks[READ_ONCE(hist->tr->clock_id)];
	u64 now = clock->read();

	return field->modifier == HIST_USECS && clock->in_ns ? now / NSEC_PER_USEC : now;
}

static u64 source_number(const struct hist *hist, const struct hist_field *field,
			 const void *record)
{
	switch (field->source) {
	case HIST_CPU:
		return smp_processor_id();
	case HIST_TIMESTAMP:
		return timestamp(hist, field);
	case HIST_HITCOUNT:
		return 1;
	default:
		return event_field_number(&field->field, record);
	}
}

/* The power of two that is not less. */
static u64 log2_up(u64 value)
{
	return value <= 1 ? 0 : 64 - (u64)__builtin_clzll(value - 1);
}

static u64 number(const struct hist *hist, const struct hist_field *field, const void *record)
{
	u64 value = source_number(hist, field, record);

	if (field->modifier == HIST_LOG2)
		return log2_up(value);
	if (field->modifier == HIST_BUCKETS)
		return value / field->buckets * field->buckets;
	return value;
}

/* --- Texts and stacks. Behind their ends is zero, so that whole words can be compared. --- */

#define ABOVE 16u			/* frames of the tracer that may be above it */

/* How many frames are above the function that has the tracepoint, with which a key begins. */
static unsigned int frames_above(const struct hist *hist, const unsigned long *pcs, unsigned int nr,
				 unsigned long from)
{
	for (unsigned int i = 0; i < nr; i++) {
		if (pcs[i] - hist->iterator < hist->iterator_size)
			return i + 1;
	}
	return trace_frames_above(pcs, nr, from);
}

static void copy_stack(const struct hist *hist, const struct hist_field *field, const void *record,
		       unsigned long from, u64 *to)
{
	unsigned long pcs[HIST_STACK + ABOVE];
	unsigned int nr, skip = 0;

	if (field->modifier == HIST_STACK_FIELD) {
		size_t len = event_field_array(&field->field, record, pcs, sizeof(pcs));

		nr = (unsigned int)(len / sizeof(pcs[0]));
	} else {
		nr = min(stack_trace_save(pcs, ARRAY_SIZE(pcs), 0), (unsigned int)ARRAY_SIZE(pcs));
		skip = frames_above(hist, pcs, nr, from);
	}
	for (unsigned int i = 0; i < HIST_STACK; i++)
		to[i] = i + skip < nr ? pcs[i + skip] : 0;
}

static void put_key(const struct hist *hist, const struct hist_field *field, const void *record,
		    unsigned long from, u64 *to)
{
	char *text = (char *)to;
	size_t room = field->words * sizeof(*to), len;

	switch (field->source) {
	case HIST_TEXT_FIELD:
	case HIST_COMM_FIELD:
		/* At least one byte is left for the NUL. */
		len = event_field_text(&field->field, record, text, room - 1);
		memset(text + len, 0, room - len);
		break;
	case HIST_STACKTRACE:
		copy_stack(hist, field, record, from, to);
		break;
	default:
		*to = number(hist, field, record);
	}
}

static noinline struct tracing_map_elt *find_long(const struct hist *hist, const void *record,
						  unsigned long from)
{
	struct tracing_map *map = hist->map;
	struct tracing_map_elt *elt = tracing_map_begin(map);

	if (!elt)
		return NULL;
	for (unsigned int i = hist->nr_vals; i < hist->nr_vals + hist->nr_keys; i++)
		put_key(hist, &hist->fields[i], record, from, elt->words + hist->fields[i].at);
	/* What is shown is the name that the thread has when its key comes into the table. */
	if (map->extra_words)
		memcpy(tracing_map_extra(map, elt), current->comm, HIST_COMM);
	return tracing_map_insert(map, elt);
}

static noinline void add_values(const struct hist *hist, const void *record, u64 *sums)
{
	for (unsigned int i = 1; i < hist->nr_vals; i++)
		tracing_map_add(&sums[i], number(hist, &hist->fields[i], record));
}

static __always_inline u64 short_key(const struct hist *hist, const void *record)
{
	const void *at = (const char *)record + hist->short_key;
	u64 wide;

	if (sizeof(long) == sizeof(u32) || !hist->short_wide)
		return hist->short_signed ? (u64)(*(const s32 *)at) : *(const u32 *)at;
	/* Records are aligned to 4 bytes. */
	__builtin_memcpy(&wide, at, sizeof(wide));
	return wide;
}

static __always_inline void add_hit(const struct hist *hist, const void *record,
				    struct tracing_map_elt *elt)
{
	u64 *sums = tracing_map_sums(hist->map, elt);

	tracing_map_add(sums, 1);
	if (hist->nr_vals > 1)
		add_values(hist, record, sums);
}

bool hist_hit_short(const struct hist *hist, const void *record)
{
	struct tracing_map_elt *elt;

	if (unlikely(!hist->short_key))
		return false;
	if (unlikely(READ_ONCE(hist->map->paused)))
		return true;
	/* What is in the table stays there, so nothing has to hold it or this CPU meanwhile. */
	elt = tracing_map_find_word(hist->map, short_key(hist, record));
	if (unlikely(!elt))
		return false;
	add_hit(hist, record, elt);
	return true;
}

void hist_hit(const struct hist *hist, const void *record, unsigned long from)
{
	struct tracing_map_elt *elt;

	assert_preempt_off();
	if (READ_ONCE(hist->map->paused))
		return;
	if (unlikely(!record)) {
		tracing_map_drop(hist->map);
		return;
	}
	if (hist_hit_short(hist, record))
		return;
	elt = find_long(hist, record, from);
	if (elt)
		add_hit(hist, record, elt);
}
