/* SPDX-License-Identifier: MIT */
/* Events of some threads alone: set_event_pid and set_event_notrace_pid. Untraced. */
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "trace/events/trace_events.h"

/*
 * Where a record has the number of the other thread that the event concerns, if it is one of those
 * which are of two threads: as on Linux, they are kept if either is listed.
 */
u16 trace_event_other_pid(const struct trace_event_call *call)
{
	static const char *const fields[][2] = {
		{ "sched_switch", "next_pid" }, { "sched_waking", "pid" },
		{ "sched_wakeup", "pid" }, { "sched_wakeup_new", "pid" },
	};
	struct filter_field found;

	/* Others may have fields of these names that mean something else. */
	if (strcmp(call->class->system, "sched"))
		return 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!strcmp(call->name, fields[i][0]) &&
		    event_find_field(call, fields[i][1], strlen(fields[i][1]), &found))
			return found.offset;
	}
	return 0;
}

bool trace_event_is_ignored(const struct trace_event_file *file, const void *entry)
{
	const struct trace_pids *pids = &file->tr->event_pids;
	pid_t other;

	if (!trace_pids_ignore(pids, current->pid))
		return false;
	if (!file->other_pid || !entry)
		return true;
	memcpy(&other, (const char *)entry + file->other_pid, sizeof(other));
	return trace_pids_ignore(pids, other);
}

int trace_events_pids_changed(struct trace_array *tr)
{
	struct trace_event_call *call = NULL;
	struct trace_event_file *file;
	int err = 0, result;

	lockdep_assert_held(&event_mutex);
	while ((call = trace_event_next(call)) != NULL) {
		file = trace_event_file_of(call, tr);
		/* One that fails does not keep the others from looking at the list. */
		result = file ? trace_event_update(file) : 0;
		err = err ? err : result;
	}
	return err;
}
