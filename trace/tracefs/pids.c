/* SPDX-License-Identifier: MIT */
/* The lists of threads (trace/output/trace_pid.h): two for functions and two for events. */
#include "kernel/lib/errno.h"
#include "kernel/sched/wait.h"
#include "trace/events/trace_events.h"
#include "trace/output/trace_pid.h"
#include "trace/tracefs/tracefs.h"
#include "trace/tracers/trace_functions_graph.h"

/* The first two are for functions; of each two, the second one is for those to be left out. */
static bool of_functions(const struct tracefs_node *node)
{
	return node->file < &pid_files[2];
}

static struct trace_pid_list **list_of(const struct tracefs_node *node)
{
	struct trace_pids *pids = of_functions(node) ? &node->tr->function_pids :
						       &node->tr->event_pids;

	return (node->file - pid_files) % 2 ? &pids->never : &pids->only;
}

static struct mutex *lock_of(const struct tracefs_node *node)
{
	return of_functions(node) ? &trace_types_lock : &event_mutex;
}

/* Tell those who trace that there is a list now, or none any more. The list's lock is held. */
static int list_changed(const struct tracefs_node *node)
{
	if (!of_functions(node))
		return trace_events_pids_changed(node->tr);
	function_trace_sync(node->tr);
	trace_graph_sync();
	return 0;
}

static int pids_show(struct seq_file *m, const struct tracefs_node *node)
{
	mutex_lock(lock_of(node));
	trace_pid_list_show(m, *list_of(node), of_functions(node) ? "no pid\n" : "");
	mutex_unlock(lock_of(node));
	return 0;
}

static int pids_store(const struct tracefs_node *node, const char *text, const char **why)
{
	int err;

	mutex_lock(lock_of(node));
	err = trace_pid_list_add(list_of(node), text);
	if (err == -EINVAL)
		*why = "Not a thread's number";
	if (!err)
		err = list_changed(node);
	mutex_unlock(lock_of(node));
	return err;
}

static void clear(const struct tracefs_node *node)
{
	mutex_lock(lock_of(node));
	trace_pid_list_clear(*list_of(node));
	list_changed(node);
	mutex_unlock(lock_of(node));
}

void tracefs_clear_pids(struct trace_array *tr)
{
	for (const struct tracefs_file *file = pid_files; file->name; file++)
		clear(&(const struct tracefs_node){ .file = file, .tr = tr });
}

const struct tracefs_file pid_files[] = {
#define PID_FILE(name) { name, TRACEFS_RW, .show = pids_show, .store = pids_store,	\
			 .truncate = clear }
	PID_FILE("set_ftrace_pid"),
	PID_FILE("set_ftrace_notrace_pid"),
	PID_FILE("set_event_pid"),
	PID_FILE("set_event_notrace_pid"),
	{ .name = NULL },
};
