/* SPDX-License-Identifier: MIT */
/* Events of the scheduler and of threads' lives. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM sched

#if !defined(EVENTS_SCHED_H) || defined(TRACE_HEADER_MULTI_READ)
#define EVENTS_SCHED_H
#include "kernel/sched/sched.h"
#include "kernel/tracepoint.h"

/*
 * States as Linux reports them: bits, of which a dead thread has one of its own. A thread that was
 * preempted has the bit above all of them.
 */
#define TASK_REPORT 0x0000007f
#define TASK_REPORT_MAX 0x00000100

#ifndef TRACE_HEADER_MULTI_READ
/* Inline, unlike memcpy(), which a kernel's compiler does not know by name. */
static __always_inline void copy_comm(char to[TASK_COMM_LEN], const struct task_struct *task)
{
	__builtin_memcpy(to, task->comm, TASK_COMM_LEN);
}
#endif

DECLARE_EVENT_CLASS(sched_wakeup_template,
	TP_PROTO(struct task_struct *p),
	TP_ARGS(p),
	TP_STRUCT__entry(
		__array(char, comm, TASK_COMM_LEN)
		__field(pid_t, pid)
		__field(int, prio)
		__field(int, target_cpu)
	),
	TP_fast_assign(
		copy_comm(__entry->comm, p);
		__entry->pid = p->pid;
		__entry->prio = (int)p->prio;
		__entry->target_cpu = (int)p->cpu;
	),
	TP_printk("comm=%s pid=%d prio=%d target_cpu=%03d",
		  __entry->comm, __entry->pid, __entry->prio, __entry->target_cpu)
);

/* Somebody wakes the thread; it becomes runnable; it does so for the first time. */
DEFINE_EVENT(sched_wakeup_template, sched_waking,
	TP_PROTO(struct task_struct *p), TP_ARGS(p));
DEFINE_EVENT(sched_wakeup_template, sched_wakeup,
	TP_PROTO(struct task_struct *p), TP_ARGS(p));
DEFINE_EVENT(sched_wakeup_template, sched_wakeup_new,
	TP_PROTO(struct task_struct *p), TP_ARGS(p));

TRACE_EVENT(sched_switch,
	TP_PROTO(bool preempt, struct task_struct *prev, struct task_struct *next,
		 unsigned int prev_state),
	TP_ARGS(preempt, prev, next, prev_state),
	TP_STRUCT__entry(
		__array(char, prev_comm, TASK_COMM_LEN)
		__field(pid_t, prev_pid)
		__field(int, prev_prio)
		__field(long, prev_state)
		__array(char, next_comm, TASK_COMM_LEN)
		__field(pid_t, next_pid)
		__field(int, next_prio)
	),
	TP_fast_assign(
		copy_comm(__entry->prev_comm, prev);
		__entry->prev_pid = prev->pid;
		__entry->prev_prio = (int)prev->prio;
		__entry->prev_state = preempt ? TASK_REPORT_MAX : (long)prev_state;
		copy_comm(__entry->next_comm, next);
		__entry->next_pid = next->pid;
		__entry->next_prio = (int)next->prio;
	),
	TP_printk("prev_comm=%s prev_pid=%d prev_prio=%d prev_state=%s%s ==> "
		  "next_comm=%s next_pid=%d next_prio=%d",
		  __entry->prev_comm, __entry->prev_pid, __entry->prev_prio,
		  (__entry->prev_state & (TASK_REPORT_MAX - 1)) ?
		  __print_flags(__entry->prev_state & (TASK_REPORT_MAX - 1), "|",
				{ 0x00000001, "S" }, { 0x00000002, "D" }, { 0x00000004, "T" },
				{ 0x00000008, "t" }, { 0x00000010, "X" }, { 0x00000020, "Z" },
				{ 0x00000040, "P" }, { 0x00000080, "I" }) : "R",
		  __entry->prev_state & TASK_REPORT_MAX ? "+" : "",
		  __entry->next_comm, __entry->next_pid, __entry->next_prio)
);

TRACE_EVENT(sched_migrate_task,
	TP_PROTO(struct task_struct *p, int dest_cpu),
	TP_ARGS(p, dest_cpu),
	TP_STRUCT__entry(
		__array(char, comm, TASK_COMM_LEN)
		__field(pid_t, pid)
		__field(int, prio)
		__field(int, orig_cpu)
		__field(int, dest_cpu)
	),
	TP_fast_assign(
		copy_comm(__entry->comm, p);
		__entry->pid = p->pid;
		__entry->prio = (int)p->prio;
		__entry->orig_cpu = (int)p->cpu;
		__entry->dest_cpu = dest_cpu;
	),
	TP_printk("comm=%s pid=%d prio=%d orig_cpu=%d dest_cpu=%d",
		  __entry->comm, __entry->pid, __entry->prio,
		  __entry->orig_cpu, __entry->dest_cpu)
);

DECLARE_EVENT_CLASS(sched_process_template,
	TP_PROTO(struct task_struct *p),
	TP_ARGS(p),
	TP_STRUCT__entry(
		__array(char, comm, TASK_COMM_LEN)
		__field(pid_t, pid)
		__field(int, prio)
	),
	TP_fast_assign(
		copy_comm(__entry->comm, p);
		__entry->pid = p->pid;
		__entry->prio = (int)p->prio;
	),
	TP_printk("comm=%s pid=%d prio=%d", __entry->comm, __entry->pid, __entry->prio)
);

/* The thread has returned from its function; its memory goes. */
DEFINE_EVENT(sched_process_template, sched_process_exit,
	TP_PROTO(struct task_struct *p), TP_ARGS(p));
DEFINE_EVENT(sched_process_template, sched_process_free,
	TP_PROTO(struct task_struct *p), TP_ARGS(p));

TRACE_EVENT(sched_process_fork,
	TP_PROTO(struct task_struct *parent, struct task_struct *child),
	TP_ARGS(parent, child),
	TP_STRUCT__entry(
		__array(char, parent_comm, TASK_COMM_LEN)
		__field(pid_t, parent_pid)
		__array(char, child_comm, TASK_COMM_LEN)
		__field(pid_t, child_pid)
	),
	TP_fast_assign(
		copy_comm(__entry->parent_comm, parent);
		__entry->parent_pid = parent->pid;
		copy_comm(__entry->child_comm, child);
		__entry->child_pid = child->pid;
	),
	TP_printk("comm=%s pid=%d child_comm=%s child_pid=%d",
		  __entry->parent_comm, __entry->parent_pid,
		  __entry->child_comm, __entry->child_pid)
);

/* The thread has had its last event: who follows threads forgets it. Not an event itself. */
DECLARE_TRACE(sched_process_gone, TP_PROTO(struct task_struct *p), TP_ARGS(p));

#endif
