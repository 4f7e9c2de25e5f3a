/* SPDX-License-Identifier: MIT */
/*
 * Inspects every thread's stack. First all other CPUs inspect their running threads at the same
 * time, since one interrupt after the other would take long; then this CPU inspects the rest, one
 * by one. A thread that is proven outside is marked with the inspection's number and is not
 * inspected again. A thread is "unseen" if at each attempt it was running while its run queue was
 * locked, but no longer when the interrupt reached its CPU.
 */
#include "kernel/inspect.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/sched/sched_internal.h"
#include "kernel/sched/wait.h"
#include "kernel/smp.h"

#define TRIES_PER_ROUND 4

/*
 * Held for one round, because a thread has room for only one number. Between two rounds of an
 * inspection another inspection may overwrite that number; the first then inspects the thread
 * again.
 */
static DEFINE_MUTEX(inspect_lock);
static u32 last_number;			/* wraps: 2^32 inspections later a number is used again */

static enum inspect_result look_at(struct inspection *inspection, struct task_struct *task,
				   unsigned long sp)
{
	enum inspect_result result = inspection->look(task, sp, inspection->arg);

	assert_irqs_off();
	if (result == INSPECT_CLEAR) {
		/* A thread that was interrupted goes on at once, and the mark would be wrong. */
		if (task != current)
			WRITE_ONCE(task->rests_clear, true);
		result = INSPECT_OUTSIDE;
	}
	if (result == INSPECT_OUTSIDE)
		WRITE_ONCE(task->seen_outside, inspection->number);
	return result;
}

/*
 * No lock is needed to read the second mark. At the beginning of the round each other CPU was
 * interrupted. If a thread began to run before that, its mark was cleared before that too. If it
 * begins to run later, it was at rest then, and cannot get inside any more.
 */
static bool known_outside(const struct inspection *inspection, const struct task_struct *task)
{
	return READ_ONCE(task->seen_outside) == inspection->number ||
	       (inspection->clear_is_outside && READ_ONCE(task->rests_clear));
}

/* Called in an interrupt: the interrupted thread's registers are saved above this frame. */
static noinline void inspect_here(void *arg)
{
	struct inspection *inspection = arg;
	unsigned long sp = (unsigned long)__builtin_frame_address(0);

	if (!inspection->target)
		look_at(inspection, current, sp);
	else if (inspection->target == current)
		inspection->result = look_at(inspection, current, sp);
}

/* Inspect @task if it is not running; if it is, return INSPECT_UNSEEN, with its CPU in *@cpu. */
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
		 * When the interrupt comes, the thread may have stopped running there: try again.
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
	/*
	 * A thread that is created after this walk cannot be inside: the caller has already made
	 * what it wants to free unreachable.
	 */
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
