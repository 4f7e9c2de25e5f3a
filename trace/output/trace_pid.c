/* SPDX-License-Identifier: MIT */
/*
 * Lists of threads (trace_pid.h). Bits are set and cleared one by one while others look, because
 * threads come and go in any case. Untraced, because callbacks look here.
 */
#include "trace/output/trace_pid.h"
#include "kernel/bug.h"
#include "kernel/events/sched.h"
#include "kernel/fs/seq_file.h"
#include "kernel/lib/ctype.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "trace/output/trace.h"

static void set_listed(struct trace_pid_list *list, pid_t pid, bool on)
{
	u32 *word = &list->bits[(u32)pid % PID_MAX / 32], bit = 1u << (u32)pid % 32;

	if (on)
		__atomic_fetch_or(word, bit, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(word, ~bit, __ATOMIC_RELAXED);
}

/* Takes the next number from *@text. 0, with *@pid; 1 at the end; or -EINVAL. */
static int take_pid(const char **text, pid_t *pid)
{
	char word[24];
	unsigned long value;
	size_t len = 0;

	while (isspace(**text))
		(*text)++;
	if (!**text)
		return 1;
	while ((*text)[len] && !isspace((*text)[len]))
		len++;
	/* No number is so long, except by zeros before it. */
	if (len >= sizeof(word))
		return -EINVAL;
	memcpy(word, *text, len);
	word[len] = '\0';
	*text += len;
	if (kstrtoul(word, 0, &value) || value >= PID_MAX)
		return -EINVAL;
	*pid = (pid_t)value;
	return 0;
}

static struct trace_pid_list *make_list(struct trace_pid_list **list)
{
	struct trace_pid_list *new;

	if (*list)
		return *list;
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (new)
		smp_store_release(list, new);
	return new;
}

int trace_pid_list_add(struct trace_pid_list **list, const char *text)
{
	struct trace_pid_list *l;
	const char *at = text;
	unsigned int nr = 0;
	pid_t pid;
	int err;

	/* All of them are read first, so that a wrong one leaves the list as it was. */
	while (!(err = take_pid(&at, &pid)))
		nr++;
	if (err < 0 || !nr)
		return err < 0 ? err : 0;
	l = make_list(list);
	if (!l)
		return -ENOMEM;
	for (at = text; !take_pid(&at, &pid);)
		set_listed(l, pid, true);
	/* Only now, so that nobody takes it for a list without these threads. */
	smp_store_release(&l->active, true);
	return 0;
}

void trace_pid_list_clear(struct trace_pid_list *list)
{
	if (!list)
		return;
	smp_store_release(&list->active, false);
	for (unsigned int i = 0; i < ARRAY_SIZE(list->bits); i++)
		WRITE_ONCE(list->bits[i], 0);
}

void trace_pids_free(struct trace_pids *pids)
{
	WARN_ON_ONCE(pids->follows);
	kfree(pids->only);
	kfree(pids->never);
}

void trace_pid_list_show(struct seq_file *m, const struct trace_pid_list *list, const char *none)
{
	if (!trace_pid_list_active(list)) {
		seq_puts(m, none);
		return;
	}
	for (pid_t pid = 0; pid < PID_MAX; pid++) {
		if (trace_pid_listed(list, pid))
			seq_printf(m, "%d\n", (int)pid);
	}
}

/* --- Following threads --- */

static void add_child(struct trace_pid_list *list, const struct task_struct *self,
		      const struct task_struct *child)
{
	if (trace_pid_list_active(list) && trace_pid_listed(list, self->pid))
		set_listed(list, child->pid, true);
}

static void probe_fork(void *data, struct task_struct *self, struct task_struct *child)
{
	const struct trace_pids *pids = data;

	add_child(smp_load_acquire(&pids->only), self, child);
	add_child(smp_load_acquire(&pids->never), self, child);
}

static void drop(struct trace_pid_list *list, const struct task_struct *task)
{
	if (trace_pid_list_active(list))
		set_listed(list, task->pid, false);
}

static void probe_gone(void *data, struct task_struct *task)
{
	const struct trace_pids *pids = data;

	drop(smp_load_acquire(&pids->only), task);
	drop(smp_load_acquire(&pids->never), task);
}

int trace_pids_follow(struct trace_pids *pids, bool on)
{
	int err;

	lockdep_assert_held(&trace_types_lock);
	if (on == pids->follows)
		return 0;
	err = on ? register_trace_sched_process_fork(probe_fork, pids) :
		   unregister_trace_sched_process_fork(probe_fork, pids);
	if (err)
		return err;
	err = on ? register_trace_sched_process_gone(probe_gone, pids) :
		   unregister_trace_sched_process_gone(probe_gone, pids);
	/* Taking the first one back as well: without its other half it would only do harm. */
	if (err && on)
		unregister_trace_sched_process_fork(probe_fork, pids);
	else if (err)
		register_trace_sched_process_fork(probe_fork, pids);
	if (!err)
		pids->follows = on;
	return err;
}
