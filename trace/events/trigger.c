/* SPDX-License-Identifier: MIT */
/*
 * What triggers do, and the commands at functions (trigger.h). Untraced, and for any context,
 * because an event or a call may come in any.
 */
#include "trace/events/trigger.h"
#include "kernel/lockdep.h"
#include "kernel/sched/percpu.h"
#include "trace/events/hist.h"
#include "trace/events/trace_events.h"
#include "trace/output/trace_dump.h"
#include "trace/output/trace_snapshot.h"

static bool is_off(const struct event_trigger *trigger, struct trace_array *tr)
{
	return !tracer_tracing_is_on(tr);
}

static bool is_on(const struct event_trigger *trigger, struct trace_array *tr)
{
	return tracer_tracing_is_on(tr);
}

static void trace_on(const struct event_trigger *trigger, struct trace_array *tr,
		     const void *record, unsigned long from)
{
	tracer_tracing_on(tr);
}

static void trace_off(const struct event_trigger *trigger, struct trace_array *tr,
		      const void *record, unsigned long from)
{
	tracer_tracing_off(tr);
}

static bool may_snapshot(const struct event_trigger *trigger, struct trace_array *tr)
{
	return tracing_may_snapshot(tr);
}

static void snapshot(const struct event_trigger *trigger, struct trace_array *tr,
		     const void *record, unsigned long from)
{
	tracing_snapshot_from(tr);
}

static void record_stack(const struct event_trigger *trigger, struct trace_array *tr,
			 const void *record, unsigned long from)
{
	trace_record_stack(tr, from);
}

static bool target_is_off(const struct event_trigger *trigger, struct trace_array *tr)
{
	return !READ_ONCE(trigger->target->enabled);
}

static bool target_is_on(const struct event_trigger *trigger, struct trace_array *tr)
{
	return READ_ONCE(trigger->target->enabled);
}

/* The target's probe is registered, whether it records or not, as long as there is a trigger. */
static void enable_target(const struct event_trigger *trigger, struct trace_array *tr,
			  const void *record, unsigned long from)
{
	WRITE_ONCE(trigger->target->enabled, true);
}

static void disable_target(const struct event_trigger *trigger, struct trace_array *tr,
			   const void *record, unsigned long from)
{
	WRITE_ONCE(trigger->target->enabled, false);
}

static void count(const struct event_trigger *trigger, struct trace_array *tr,
		  const void *record, unsigned long from)
{
	hist_hit(trigger->hist, record, from);
}

/* Is there one that is paused, or not? Who removes one waits for those who look for it here. */
static bool has_hist(const struct trace_event_file *file, bool paused)
{
	const struct event_trigger *it = smp_load_acquire(&file->triggers);

	while (it && !(it->hist && READ_ONCE(it->hist->map->paused) == paused))
		it = it->next;
	return it;
}

static void pause_hists(const struct trace_event_file *file, bool paused)
{
	const struct event_trigger *it;

	for (it = smp_load_acquire(&file->triggers); it; it = it->next) {
		if (it->hist)
			WRITE_ONCE(it->hist->map->paused, paused);
	}
}

static bool target_has_paused(const struct event_trigger *trigger, struct trace_array *tr)
{
	return has_hist(trigger->target, true);
}

static bool target_has_active(const struct event_trigger *trigger, struct trace_array *tr)
{
	return has_hist(trigger->target, false);
}

static void enable_hist(const struct event_trigger *trigger, struct trace_array *tr,
			const void *record, unsigned long from)
{
	pause_hists(trigger->target, false);
}

static void disable_hist(const struct event_trigger *trigger, struct trace_array *tr,
			 const void *record, unsigned long from)
{
	pause_hists(trigger->target, true);
}

static void dump(const struct event_trigger *trigger, struct trace_array *tr, const void *record,
		 unsigned long from)
{
	trace_dump_from(RING_BUFFER_ALL_CPUS);
}

static void dump_cpu(const struct event_trigger *trigger, struct trace_array *tr,
		     const void *record, unsigned long from)
{
	assert_preempt_off();
	trace_dump_from((int)smp_processor_id());
}

const struct trigger_command function_commands[] = {
	{ "traceon", is_off, trace_on, .has_target = false },
	{ "traceoff", is_on, trace_off, .has_target = false },
	{ "snapshot", may_snapshot, snapshot, .takes_snapshot = true },
	{ "stacktrace", NULL, record_stack, .has_target = false },
	{ "dump", NULL, dump, .dumps = true },
	{ "cpudump", NULL, dump_cpu, .dumps = true },
	{ "enable_event", target_is_off, enable_target, .has_target = true },
	{ "disable_event", target_is_on, disable_target, .has_target = true },
	{ .name = NULL },
};

const struct trigger_command trigger_commands[] = {
	{ "traceon", is_off, trace_on, .has_target = false },
	{ "traceoff", is_on, trace_off, .has_target = false },
	{ "snapshot", may_snapshot, snapshot, .after = true, .takes_snapshot = true },
	{ "stacktrace", NULL, record_stack, .after = true },
	{ "enable_event", target_is_off, enable_target, .has_target = true },
	{ "disable_event", target_is_on, disable_target, .has_target = true },
	{ "enable_hist", target_has_paused, enable_hist, .has_target = true, .of_hists = true },
	{ "disable_hist", target_has_active, disable_hist, .has_target = true, .of_hists = true },
	{ "hist", NULL, count, .after = true, .is_hist = true },
	{ .name = NULL },
};

bool trigger_take(unsigned long *count)
{
	unsigned long left = READ_ONCE(*count);

	do {
		if (left == TRIGGER_UNLIMITED || !left)
			return left;
	} while (!__atomic_compare_exchange_n(count, &left, left - 1, false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return true;
}

static void run(struct event_trigger *trigger, struct trace_array *tr, const void *record,
		unsigned long from)
{
	const struct trigger_command *command = trigger->command;

	if ((!command->useful || command->useful(trigger, tr)) && trigger_take(&trigger->count))
		command->act(trigger, tr, record, from);
}

static bool acts_before(const struct event_trigger *trigger)
{
	return !trigger->filter && !trigger->command->after;
}

void event_triggers_before(struct trace_event_file *file, unsigned long from)
{
	struct event_trigger *trigger;

	assert_preempt_off();
	for (trigger = smp_load_acquire(&file->triggers); trigger; trigger = trigger->next) {
		if (acts_before(trigger))
			run(trigger, file->tr, NULL, from);
	}
}

void event_triggers_after(struct trace_event_file *file, const void *record, unsigned long from)
{
	struct event_trigger *trigger;

	assert_preempt_off();
	for (trigger = smp_load_acquire(&file->triggers); trigger; trigger = trigger->next) {
		/* A record that was too long to be made has nothing that a filter could test. */
		if (acts_before(trigger) || (trigger->filter && !record))
			continue;
		if (!trigger->filter || event_filter_match(trigger->filter, record))
			run(trigger, file->tr, record, from);
	}
}
