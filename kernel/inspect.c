/* SPDX-License-Identifier: MIT */
/*
 * Looking at every thread once. First all CPUs look at what they run, at once, because each
 * interrupt takes its time; then this CPU looks at the threads that wait. A thread that was outside
 * carries the inspection's number and is not looked at again. One that always ran when its queue
 * was looked at, and was gone when the interrupt came to its CPU, is unseen: nothing is known of
 * it.
 */
#include "kernel/inspect.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/sched/sched_internal.h"
#include "kernel/sched/wait.h"
#include "kernel/smp.h"

#define TRIES_PER_ROUND 4

/*
 * One round at a time: a thread has room for one number. Between two rounds of an inspection
 * another one may write its own there, and then the first one looks at that thread again.
 */
static DEFINE_MUTEX(inspect_lock);
static u32 last_number;			/* 2^32 inspections later a number means another one */

static enum inspect_result look_at(struct inspection *inspection, struct task_struct *task,
				   unsigned long sp)
{
	enum inspect_result result = inspection->look(task, sp, inspection->arg);

	assert_irqs_off();
	if (result == INSPECT_OUTSIDE)
		WRITE_ONCE(task->seen_outside, inspection->number);
	return result;
}

static bool known_outside(const struct inspection *inspection, const struct task_struct *task)
{
	return READ_ONCE(task->seen_outside) == inspection->number;
}

/* Everything that the interrupt saved lies above this frame. */
static noinline void inspect_here(void *arg)
{
	struct inspection *inspection = arg;
	unsigned long sp = (unsigned long)__builtin_frame_address(0);

	if (!inspection->target)
		look_at(inspection, current, sp);
	else if (inspection->target == current)
		inspection->result = look_at(inspection, current, sp);
}

/* @task where it waits; INSPECT_UNSEEN: it runs, on CPU *@cpu. */
static enum inspect_result inspect_waiting(struct inspection *inspection, struct task_struct *task,
					   unsigned int *cpu)
{
	enum inspect_result result = INSPECT_UNSEEN;
	unsigned long flags;
	struct run_queue *rq = task_rq_lock(task, &flags);

	*cpu = task->cpu;
	if (rq->curr != task)
		result = look_at(inspection, task, arch_task_stack_pointer(task));
	task_rq_unlock(rq, flags);
	return result;
}

static enum inspect_result inspect_one(struct inspection *inspection, struct task_struct *task)
{
	unsigned int cpu, tries;

	inspection->target = task;
	inspection->result = INSPECT_UNSEEN;
	for (tries = 0; tries < TRIES_PER_ROUND; tries++) {
		enum inspect_result result = inspect_waiting(inspection, task, &cpu);

		if (result != INSPECT_UNSEEN)
			return result;
		/*
		 * By the time of the interrupt it may have gone to wait, and another one run there.
		 */
		smp_call_function_single(cpu, inspect_here, inspection);
		if (inspection->result != INSPECT_UNSEEN)
			return inspection->result;
	}
	return INSPECT_UNSEEN;
}

static int inspect_unless_known(struct task_struct *task, void *arg)
{
	struct inspection *inspection = arg;
	enum inspect_result result;

	if (task == current || known_outside(inspection, task))
		return INSPECT_OUTSIDE;
	result = inspect_one(inspection, task);
	if (result != INSPECT_OUTSIDE) {
		strscpy(inspection->comm, task->comm, sizeof(inspection->comm));
		inspection->pid = task->pid;
	}
	return (int)result;
}

static enum inspect_result inspect_round(struct inspection *inspection)
{
	lockdep_assert_held(&inspect_lock);
	while (!inspection->number)
		inspection->number = ++last_number;
	inspection->target = NULL;
	smp_call_function(inspect_here, inspection);
	/* A thread that is not in the list yet began after whatever the caller has taken away. */
	return (enum inspect_result)for_each_thread(inspect_unless_known, inspection);
}

enum inspect_result inspect_threads(struct inspection *inspection)
{
	enum inspect_result result;

	might_sleep();
	mutex_lock(&inspect_lock);
	result = inspect_round(inspection);
	mutex_unlock(&inspect_lock);
	return result;
}
