/* SPDX-License-Identifier: MIT */
/*
 * Names for the pids in events. A living thread's name is in its task_struct; a thread that exits
 * leaves its name in a table, so that nothing need be stored while it runs. The table is indexed by
 * pid modulo its size; of two dead threads with the same index, the later one's name is kept.
 * Untraced, because exiting threads call it.
 */
#include "kernel/fs/seq_file.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/spinlock.h"
#include "kernel/trace_hooks.h"
#include "trace/output/trace.h"

#define SAVED_CMDLINES_DEFAULT 1024
#define SAVED_CMDLINES_MAX (1u << 16)

struct saved_cmdline {
	int pid;			/* 0 if the slot is free */
	char comm[TRACE_COMM_LEN];
};

static struct saved_cmdline boot_cmdlines[SAVED_CMDLINES_DEFAULT];
static struct saved_cmdline *cmdlines = boot_cmdlines;
static unsigned int cmdlines_size = SAVED_CMDLINES_DEFAULT;
static DEFINE_SPINLOCK(cmdlines_lock);

void trace_task_exit(const struct task_struct *task)
{
	struct saved_cmdline *saved;
	unsigned long flags;

	BUILD_BUG_ON(TRACE_COMM_LEN != TASK_COMM_LEN);
	if (task->pid <= 0 || !(global_trace.trace_flags & TRACE_ITER_RECORD_CMD))
		return;
	spin_lock_irqsave(&cmdlines_lock, flags);
	saved = &cmdlines[(unsigned int)task->pid % cmdlines_size];
	saved->pid = task->pid;
	memcpy(saved->comm, task->comm, TRACE_COMM_LEN);
	spin_unlock_irqrestore(&cmdlines_lock, flags);
}

static bool find_saved(int pid, char comm[TRACE_COMM_LEN])
{
	struct saved_cmdline *saved;
	unsigned long flags;
	bool found;

	spin_lock_irqsave(&cmdlines_lock, flags);
	saved = &cmdlines[(unsigned int)pid % cmdlines_size];
	found = saved->pid == pid;
	if (found)
		memcpy(comm, saved->comm, TRACE_COMM_LEN);
	spin_unlock_irqrestore(&cmdlines_lock, flags);
	return found;
}

void trace_find_cmdline(int pid, char comm[TRACE_COMM_LEN])
{
	if (!pid)
		strscpy(comm, "<idle>", TRACE_COMM_LEN);
	else if (pid < 0)
		strscpy(comm, "<XXX>", TRACE_COMM_LEN);
	else if (!(global_trace.trace_flags & TRACE_ITER_RECORD_CMD))
		strscpy(comm, "<...>", TRACE_COMM_LEN);
	else if (!find_saved(pid, comm))
		task_comm_of(pid, comm);
}

unsigned int saved_cmdlines_size(void)
{
	return cmdlines_size;
}

/*
 * If names share a slot in the new table, the last one is kept. The table of the boot is static: it
 * is neither freed nor used again.
 */
int saved_cmdlines_resize(unsigned int nr)
{
	struct saved_cmdline *bigger, *old;
	unsigned long flags;

	if (!nr || nr > SAVED_CMDLINES_MAX)
		return -EINVAL;
	/* Allocated without the lock, which disables interrupts and which exiting threads need. */
	bigger = kcalloc(nr, sizeof(*bigger), GFP_KERNEL);
	if (!bigger)
		return -ENOMEM;
	spin_lock_irqsave(&cmdlines_lock, flags);
	for (unsigned int i = 0; i < cmdlines_size; i++) {
		if (cmdlines[i].pid)
			bigger[(unsigned int)cmdlines[i].pid % nr] = cmdlines[i];
	}
	old = cmdlines;
	cmdlines = bigger;
	cmdlines_size = nr;
	spin_unlock_irqrestore(&cmdlines_lock, flags);
	if (old != boot_cmdlines)
		kfree(old);
	return 0;
}

static int show_live(struct task_struct *task, void *m)
{
	if (task->pid > 0)
		seq_printf(m, "%d %s\n", (int)task->pid, task->comm);
	return 0;
}

void saved_cmdlines_show(struct seq_file *m)
{
	struct saved_cmdline saved;
	unsigned long flags;
	bool in_table;

	for_each_thread(show_live, m);
	/*
	 * Locked for one entry at a time, because printing a whole table would keep interrupts off
	 * for long. The table may be replaced in between, so its size is read each time.
	 */
	for (unsigned int i = 0; ; i++) {
		spin_lock_irqsave(&cmdlines_lock, flags);
		in_table = i < cmdlines_size;
		if (in_table)
			saved = cmdlines[i];
		spin_unlock_irqrestore(&cmdlines_lock, flags);
		if (!in_table)
			break;
		if (saved.pid)
			seq_printf(m, "%d %s\n", saved.pid, saved.comm);
	}
}
