/* SPDX-License-Identifier: MIT */
/*
 * Lists of threads by which tracing is limited: set_ftrace_pid and set_ftrace_notrace_pid for
 * functions, set_event_pid and set_event_notrace_pid for events. A list is a bitmap, so that a
 * thread can be looked up, added and removed in any context.
 */
#pragma once
#include "kernel/sched/sched.h"

struct seq_file;

struct trace_pid_list {
	bool active;		/* something was written: even without threads it is a list */
	u32 bits[PID_MAX / 32];
};

/* What limits one kind of tracing. The lists are made when they are first needed, and stay. */
struct trace_pids {
	struct trace_pid_list *only, *never;
	bool follows;		/* a thread that a listed one makes is listed, until it exits */
};

static inline bool trace_pid_listed(const struct trace_pid_list *list, pid_t pid)
{
	return READ_ONCE(list->bits[(u32)pid % PID_MAX / 32]) >> (u32)pid % 32 & 1;
}

static inline bool trace_pid_list_active(const struct trace_pid_list *list)
{
	return list && READ_ONCE(list->active);
}

static inline bool trace_pids_active(const struct trace_pids *pids)
{
	return trace_pid_list_active(smp_load_acquire(&pids->only)) ||
	       trace_pid_list_active(smp_load_acquire(&pids->never));
}

/* Is this thread left out? Any context, untraced. */
static inline bool trace_pids_ignore(const struct trace_pids *pids, pid_t pid)
{
	const struct trace_pid_list *only = smp_load_acquire(&pids->only);
	const struct trace_pid_list *never = smp_load_acquire(&pids->never);

	return (trace_pid_list_active(only) && !trace_pid_listed(only, pid)) ||
	       (trace_pid_list_active(never) && trace_pid_listed(never, pid));
}

/*
 * Add the numbers of @text, which blanks separate, to *@list: all or none. Returns 0; -EINVAL if
 * one is no number, or that of no thread there can be; or -ENOMEM. clear empties a list, so that it
 * limits nothing. show writes the numbers, or @none if it limits nothing. The caller has a lock for
 * changes of the list, and tells those who trace of them. Thread context.
 */
int trace_pid_list_add(struct trace_pid_list **list, const char *text);
void trace_pid_list_clear(struct trace_pid_list *list);
void trace_pid_list_show(struct seq_file *m, const struct trace_pid_list *list, const char *none);
/* Free both lists: nobody traces by them any more, and no thread is followed. */
void trace_pids_free(struct trace_pids *pids);
/*
 * The options function-fork and event-fork. 0, or an error of tracepoint_probe_register(), with
 * nothing changed. trace_types_lock is held; may sleep.
 */
int trace_pids_follow(struct trace_pids *pids, bool on);
