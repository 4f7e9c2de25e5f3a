/* SPDX-License-Identifier: MIT */
/*
 * Merges the events of all CPUs by time, and turns them into text on demand.
 *
 * Reading `trace` does not stop recording unless the option pause-on-trace is set. But the
 * iterators show only the events that were there when the file was opened, so that reading ends
 * even if it is itself traced. Events that are overwritten before they were read are reported where
 * they are missing. Untraced, because printing a line must not record events.
 */
#include "trace/output/trace_reader.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "trace/output/trace_snapshot.h"

#define for_each_reader_cpu(cpu, r)						\
	for ((cpu) = 0; (r)->buffer && (cpu) < nr_cpus_online; (cpu)++)	\
		if ((r)->cpu_file == RING_BUFFER_ALL_CPUS || (r)->cpu_file == (int)(cpu))

/* Set the end of the iterators, and at the same moment the counts for the header. */
static void take_counts(struct trace_reader *r)
{
	struct trace_buffer *buffer = r->buffer;
	struct trace_iterator *iter = &r->iter;
	unsigned long flags = arch_irq_save();
	unsigned long overrun = 0;
	unsigned int cpu;

	/* Interrupts are off, so that this CPU records nothing in between. */
	iter->entries = 0;
	for_each_reader_cpu(cpu, r) {
		if (r->buffer_iter[cpu])
			ring_buffer_iter_reset(r->buffer_iter[cpu]);
		iter->entries += ring_buffer_entries_cpu(buffer, (int)cpu);
		overrun += ring_buffer_overrun_cpu(buffer, (int)cpu);
	}
	arch_irq_restore(flags);
	iter->total = iter->entries + overrun;
	if (overrun)
		iter->iter_flags |= TRACE_FILE_ANNOTATE;
}

void trace_reader_update(struct trace_reader *r)
{
	const struct trace_array *tr = r->tr;
	struct trace_iterator *iter = &r->iter;

	iter->tracer_name = tr->current_trace->name;
	iter->trace_flags = tr->trace_flags;
	iter->graph_flags = tr->func_flags;
	iter->time_start = r->snapshot ? tr->snapshot_start : tr->time_start;
	/* The next maximum may come on any CPU just now: what is shown belongs to one of them. */
	if (r->snapshot && tr->current_trace->use_max) {
		trace_read_max(r->tr, &iter->max);
		iter->time_start = iter->max.start;
		iter->buffer_cpu = iter->max.cpu;
	}
	/* If events were lost is known since the counts were taken; all else may have changed. */
	iter->iter_flags &= TRACE_FILE_ANNOTATE;
	if (trace_clocks[tr->clock_id].in_ns)
		iter->iter_flags |= TRACE_FILE_TIME_IN_NS;
	if (tr->current_trace->prints_graph) {
		iter->iter_flags |= TRACE_FILE_GRAPH;
	} else if (tr->current_trace->graph_flags && tr->trace_flags & TRACE_ITER_DISPLAY_GRAPH) {
		iter->iter_flags |= TRACE_FILE_GRAPH;
		iter->graph_flags = tr->current_trace->graph_flags;
	}
	if (tr->trace_flags & TRACE_ITER_LATENCY_FMT)
		iter->iter_flags |= TRACE_FILE_LAT_FMT;
	if (r->is_snapshot_file)
		iter->iter_flags |= TRACE_FILE_SNAPSHOT;
	if (r->snapshot && r->buffer)
		iter->iter_flags |= TRACE_FILE_ALLOCATED;
	if (r->cpu_file != RING_BUFFER_ALL_CPUS)
		iter->iter_flags |= TRACE_FILE_ONE_CPU;
}

void trace_reader_init(struct trace_reader *r, struct trace_array *tr, int cpu)
{
	r->tr = tr;
	if (!r->snapshot)
		r->buffer = tr->buffer;
	r->cpu_file = cpu;
	r->consuming = true;
	r->iter.nr_cpus = nr_cpus_online;
	r->iter.buffer_cpu = cpu == RING_BUFFER_ALL_CPUS ? 0 : cpu;
	trace_seq_init(&r->seq, r->text, sizeof(r->text));
	trace_reader_update(r);
}

static int start_iterators(struct trace_reader *r)
{
	unsigned int cpu;

	for_each_reader_cpu(cpu, r) {
		r->buffer_iter[cpu] = ring_buffer_read_start(r->buffer, (int)cpu);
		if (!r->buffer_iter[cpu])
			return -ENOMEM;
	}
	return 0;
}

static void finish_iterators(struct trace_reader *r)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		if (r->buffer_iter[cpu])
			ring_buffer_read_finish(r->buffer_iter[cpu]);
		r->buffer_iter[cpu] = NULL;
	}
}

/*
 * What a latency tracer shows is the part of one CPU, which may have events of earlier times. The
 * parts of other CPUs are what those kept for shorter times. Leave all of that out, as if it were
 * not there.
 */
static void skip_others(struct trace_reader *r)
{
	unsigned int cpu;
	u64 ts;

	if (!r->snapshot || !r->iter.max.start)
		return;
	for_each_reader_cpu(cpu, r) {
		while (ring_buffer_iter_peek(r->buffer_iter[cpu], &ts) &&
		       ((int)cpu != r->iter.max.cpu || ts < r->iter.max.start)) {
			ring_buffer_iter_advance(r->buffer_iter[cpu]);
			r->iter.entries--;
			r->iter.total--;
		}
	}
}

/* The reader has its buffer. Start its iterators, and count. */
static int start_reading(struct trace_reader *r)
{
	struct trace_array *tr = r->tr;

	r->header_due = true;
	if (start_iterators(r)) {
		finish_iterators(r);
		return -ENOMEM;
	}
	/* Paused before counting, so that the header's counts are exact. */
	if (!r->snapshot && tr->trace_flags & TRACE_ITER_PAUSE_ON_TRACE) {
		ring_buffer_record_disable(tr->buffer);
		r->paused = true;
	}
	take_counts(r);
	skip_others(r);
	return 0;
}

struct trace_reader *trace_reader_open(struct trace_array *tr, int cpu, bool consuming)
{
	struct trace_reader *r = kzalloc(sizeof(*r), GFP_KERNEL);

	if (!r)
		return ERR_PTR(-ENOMEM);
	/* A latency tracer has put what led to the longest time there. */
	if (!consuming && tr->current_trace->use_max && tracing_hold_snapshot(tr)) {
		r->snapshot = true;
		r->buffer = tr->snapshot;
	}
	trace_reader_init(r, tr, cpu);
	r->consuming = consuming;
	if (!consuming && start_reading(r)) {
		trace_reader_close(r);
		return ERR_PTR(-ENOMEM);
	}
	return r;
}

struct trace_reader *trace_reader_open_snapshot(struct trace_array *tr, int cpu)
{
	struct trace_reader *r = kzalloc(sizeof(*r), GFP_KERNEL);

	if (!r)
		return ERR_PTR(-ENOMEM);
	r->snapshot = r->is_snapshot_file = true;
	if (tracing_hold_snapshot(tr))
		r->buffer = tr->snapshot;
	trace_reader_init(r, tr, cpu);
	r->consuming = false;
	if (start_reading(r)) {
		trace_reader_close(r);
		return ERR_PTR(-ENOMEM);
	}
	return r;
}

void trace_reader_close(struct trace_reader *r)
{
	finish_iterators(r);
	if (r->paused)
		ring_buffer_record_enable(r->buffer);
	if (r->snapshot && r->buffer)
		tracing_release_snapshot(r->tr);
	kfree(r);
}

/* Begin again, as if the file were opened now. */
static void start_again(struct trace_reader *r)
{
	trace_seq_reset(&r->seq);
	r->seq_from = 0;
	r->pos = 0;
	r->iter.idx = 0;
	r->iter.cpus_started = 0;
	memset(r->iter.graph_cpus, 0, sizeof(r->iter.graph_cpus));
	memset(r->lost_later, 0, sizeof(r->lost_later));
	r->header_due = !r->consuming;
	r->done = false;
	take_counts(r);
	skip_others(r);
}

/* The oldest event that is still to be read on @cpu. */
static struct ring_buffer_event *peek_cpu(struct trace_reader *r, unsigned int cpu, u64 *ts,
					  unsigned long *lost)
{
	if (r->consuming)
		return ring_buffer_peek(r->buffer, (int)cpu, ts, lost);
	*lost = 0;
	return ring_buffer_iter_peek(r->buffer_iter[cpu], ts);
}

static struct ring_buffer_event *earliest_event(struct trace_reader *r, unsigned int *best,
						u64 *best_ts,
				      unsigned long *best_lost)
{
	struct ring_buffer_event *event, *oldest = NULL;
	unsigned long lost;
	unsigned int cpu;
	u64 ts;

	/* Each CPU's events are in order, so the oldest event is one of the CPUs' first ones. */
	for_each_reader_cpu(cpu, r) {
		event = peek_cpu(r, cpu, &ts, &lost);
		if (!event || (oldest && ts >= *best_ts))
			continue;
		oldest = event;
		*best = cpu;
		*best_ts = ts;
		*best_lost = lost;
	}
	return oldest;
}

bool trace_reader_empty(struct trace_reader *r)
{
	unsigned int cpu;

	for_each_reader_cpu(cpu, r) {
		if (!ring_buffer_empty_cpu(r->buffer, (int)cpu))
			return false;
	}
	return true;
}

static void copy_event(struct trace_reader *r, struct ring_buffer_event *event)
{
	unsigned int size = ring_buffer_event_length(event);

	if (size > sizeof(r->entry))
		size = sizeof(r->entry);
	memcpy(r->entry, ring_buffer_event_data(event), size);
	r->iter.ent = (const struct trace_entry *)r->entry;
	r->iter.ent_size = size;
}

/* How many events were lost before the next one of @cpu that were not told of yet. */
static unsigned long take_lost(struct trace_reader *r, unsigned int cpu)
{
	unsigned long lost = r->lost_later[cpu] + ring_buffer_iter_dropped(r->buffer_iter[cpu]);

	r->lost_later[cpu] = 0;
	return lost;
}

/* The event was read. Go on to the next one of its CPU. */
static void advance(struct trace_reader *r, unsigned int cpu)
{
	unsigned long lost;
	u64 ts;

	if (r->consuming)
		ring_buffer_consume(r->buffer, (int)cpu, &ts, &lost);
	else
		ring_buffer_iter_advance(r->buffer_iter[cpu]);
}

/*
 * If the next event of this CPU is the return of the call that the event is, it becomes a part of
 * the same line: function_graph.
 */
static void join_return(struct trace_reader *r)
{
	struct trace_iterator *iter = &r->iter;
	const struct ftrace_graph_ent_entry *entry = (const void *)iter->ent;
	const struct ftrace_graph_ret_entry *ret;
	struct ring_buffer_event *event;
	unsigned long lost;
	u64 ts;

	iter->leaf = NULL;
	if (!(iter->iter_flags & TRACE_FILE_GRAPH) || iter->ent_size < sizeof(*entry) ||
	    (entry->ent.type != TRACE_GRAPH_ENT && entry->ent.type != TRACE_GRAPH_RETADDR_ENT))
		return;
	/*
	 * The call and its return make one line only if nothing was lost between them: what was
	 * lost could be the rest of a longer call, and another call of the same function.
	 */
	event = peek_cpu(r, iter->cpu, &ts, &lost);
	if (!r->consuming)
		lost = r->lost_later[iter->cpu] = take_lost(r, iter->cpu);
	if (!event || lost || ring_buffer_event_length(event) < sizeof(*ret))
		return;
	ret = ring_buffer_event_data(event);
	if (ret->ent.type != TRACE_GRAPH_RET || ret->ent.pid != entry->ent.pid ||
	    ret->func != entry->func)
		return;
	/* Advancing may hand the page with the event back to the writer. */
	iter->leaf_size = min(ring_buffer_event_length(event), (unsigned int)sizeof(r->leaf));
	memcpy(&r->leaf, ret, iter->leaf_size);
	iter->leaf = &r->leaf.ret;
	advance(r, iter->cpu);
}

bool trace_reader_next(struct trace_reader *r)
{
	struct trace_iterator *iter = &r->iter;
	struct ring_buffer_event *event = earliest_event(r, &iter->cpu, &iter->ts,
							 &iter->lost_events);
	unsigned long lost;
	unsigned int cpu;

	if (!event)
		return false;
	/* Copied first, because finding the next event's time may move the iterator on. */
	copy_event(r, event);
	iter->idx++;
	if (!r->consuming)
		iter->lost_events = take_lost(r, iter->cpu);
	advance(r, iter->cpu);
	join_return(r);
	iter->next_ts = iter->ts;
	if (iter->iter_flags & TRACE_FILE_LAT_FMT)
		earliest_event(r, &cpu, &iter->next_ts, &lost);
	return true;
}

/* At the end, report overwritten events that no other event of their CPU follows. */
static void print_last_losses(struct trace_reader *r)
{
	unsigned long lost;
	unsigned int cpu;

	for_each_reader_cpu(cpu, r) {
		lost = take_lost(r, cpu);
		if (lost)
			trace_print_lost(&r->seq, cpu, lost);
	}
}

/*
 * Fill the text buffer with whole lines, at least @want bytes unless the events end. Beyond a page
 * the buffer has room for the longest event, so that the last line always fits.
 */
static void fill_text(struct trace_reader *r, size_t want)
{
	want = min(want, (size_t)PAGE_SIZE);
	trace_seq_reset(&r->seq);
	r->seq_from = 0;
	if (r->header_due) {
		trace_print_header(&r->seq, &r->iter);
		r->header_due = false;
	}
	while (r->seq.len < want && !r->done) {
		/* For a consuming reader there may be more events later; for the other kind not. */
		if (trace_reader_next(r)) {
			trace_print_line(&r->seq, &r->iter);
		} else if (r->consuming) {
			return;
		} else {
			print_last_losses(r);
			r->done = true;
		}
	}
}

/*
 * Copy the next @size bytes of text to @buf, or skip them if @buf is NULL. Returns how many there
 * were.
 */
static size_t take_text(struct trace_reader *r, char *buf, u64 size)
{
	u64 done = 0;
	size_t part;

	while (done < size) {
		if (r->seq_from == r->seq.len)
			fill_text(r, (size_t)min(size - done, (u64)PAGE_SIZE));
		/* Nothing was added although all was taken: the trace ends here. */
		if (!r->seq.len)
			break;
		part = (size_t)min(size - done, (u64)(r->seq.len - r->seq_from));
		if (buf)
			memcpy(buf + done, r->text + r->seq_from, part);
		r->seq_from += part;
		r->pos += part;
		done += part;
	}
	return (size_t)done;
}

size_t trace_reader_read(struct trace_reader *r, char *buf, size_t size)
{
	return take_text(r, buf, size);
}

void trace_reader_seek(struct trace_reader *r, u64 pos)
{
	if (pos == r->pos)
		return;
	/* The text has no index, so the part before the position is made again. */
	start_again(r);
	take_text(r, NULL, pos);
	r->pos = pos;
}
