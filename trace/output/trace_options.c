/* SPDX-License-Identifier: MIT */
/*
 * Setting options by name or by bit, and what a change of an option entails. The names and their
 * order are in trace/output/trace_entries.h. Untraced.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/sched/wait.h"
#include "trace/output/trace.h"

const char *const trace_option_names[NR_TRACE_OPTIONS] = {
#define TRACE_OPTION_NAME(id, name) name,
	TRACE_OPTIONS(TRACE_OPTION_NAME)
#undef TRACE_OPTION_NAME
};

void trace_change_flag(struct trace_array *tr, u32 flag, bool set)
{
	lockdep_assert_held(&trace_types_lock);
	if (flag == TRACE_ITER_OVERWRITE) {
		ring_buffer_change_overwrite(tr->buffer, set);
		if (tr->snapshot)
			ring_buffer_change_overwrite(tr->snapshot, set);
	}
	if (set)
		tr->trace_flags |= flag;
	else
		tr->trace_flags &= ~flag;
}

static int set_flag(struct trace_array *tr, u32 flag, bool set)
{
	const struct tracer *tracer = tr->current_trace;
	int err = 0;

	if (!!(tr->trace_flags & flag) == set)
		return 0;
	if (tracer->flag_changed)
		err = tracer->flag_changed(tr, flag, set);
	if (!err && flag == TRACE_ITER_FUNC_FORK)
		err = trace_pids_follow(&tr->function_pids, set);
	if (!err && flag == TRACE_ITER_EVENT_FORK)
		err = trace_pids_follow(&tr->event_pids, set);
	if (!err)
		trace_change_flag(tr, flag, set);
	return err;
}

int trace_set_flag(struct trace_array *tr, u32 flag, bool set)
{
	int err;

	mutex_lock(&trace_types_lock);
	err = set_flag(tr, flag, set);
	mutex_unlock(&trace_types_lock);
	return err;
}

static int set_tracer_flag(struct trace_array *tr, const struct tracer *tracer, u32 bit, bool set)
{
	int err = 0;

	if (!!(tr->func_flags & bit) == set)
		return 0;
	/* The tracer is asked first: if it refuses, the option must keep its value. */
	if (tracer->set_flag)
		err = tracer->set_flag(tr, bit, set);
	if (err)
		return err;
	if (set)
		tr->func_flags |= bit;
	else
		tr->func_flags &= ~bit;
	return 0;
}

int trace_set_tracer_flag(struct trace_array *tr, const struct tracer *tracer, u32 bit, bool set)
{
	int err;

	mutex_lock(&trace_types_lock);
	err = set_tracer_flag(tr, tracer, bit, set);
	mutex_unlock(&trace_types_lock);
	return err;
}

static int set_by_name(struct trace_array *tr, const char *name, bool set)
{
	const struct tracer *tracer = tr->current_trace;
	const struct tracer_opt *opt = tracer->opts;

	for (unsigned int i = 0; i < NR_TRACE_OPTIONS; i++) {
		if (!strcmp(trace_option_names[i], name))
			return set_flag(tr, 1u << i, set);
	}
	/* Of the tracers' own options, trace_options shows only those of the current tracer. */
	for (; opt && opt->name; opt++) {
		if (!strcmp(opt->name, name))
			return set_tracer_flag(tr, tracer, opt->bit, set);
	}
	return -EINVAL;
}

int trace_set_option(struct trace_array *tr, const char *text)
{
	int err;

	mutex_lock(&trace_types_lock);
	/* No option's name begins with "no", so the text is never ambiguous. */
	if (strncmp(text, "no", 2))
		err = set_by_name(tr, text, true);
	else
		err = set_by_name(tr, text + 2, false);
	mutex_unlock(&trace_types_lock);
	return err;
}
