/* SPDX-License-Identifier: MIT */
/*
 * What the threads of a background command share, instead of with the console: their working
 * directory, and that somebody has asked them to end. A thread belongs to its creator's job. The
 * shell makes and lists jobs (kernel/shell/jobs.c); the other threads have none.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

struct inode;
struct task_struct;

struct job {
	int usage;			/* one for each thread, and the shell's */
	bool killed;			/* console_interrupted() is true for its threads */
	struct inode *working_dir;
	void (*release)(struct job *job);	/* after the last job_put(); may sleep */
};

static inline struct job *job_get(struct job *job)
{
	if (job)
		__atomic_fetch_add(&job->usage, 1, __ATOMIC_RELAXED);
	return job;
}

/* May sleep. */
static inline void job_put(struct job *job)
{
	if (job && !__atomic_sub_fetch(&job->usage, 1, __ATOMIC_ACQ_REL))
		job->release(job);
}

/*
 * The thread belongs to @job from now on, or to the console if that is NULL. It is the caller, or
 * has not been woken yet. May sleep. kernel/sched/thread.c.
 */
void task_set_job(struct task_struct *task, struct job *job);
