/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: strict priorities, round robin with time slices within a priority, and a run queue
 * per CPU. A runnable thread that calls schedule() gives up the rest of its slice, and the time
 * that a thread used is measured, so that none keeps others of its priority waiting. An idle CPU
 * takes a thread that waits on another CPU, and is told when there is one. Priorities are strict on
 * each CPU, but not between CPUs. Only the end of a time slice has to wait for a tick. Traced,
 * except for the switch itself (switch.c).
 */
#include "kernel/bug.h"
#include "kernel/events/sched.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/sched/sched_internal.h"
#include "kernel/smp.h"
#include "kernel/time.h"

#define TIME_SLICE_NS (50 * NSEC_PER_MSEC)

struct run_queue run_queues[NR_CPUS];

/* Thread 0 runs from the first instruction on; it is CPU 0's idle thread once there are others. */
struct task_struct init_task = {
	.comm = "swapper",
	.prio = NR_PRIOS - 1,
	.usage = 1,
	.fail_alloc = -1,
	.cpus_allowed = ~0ul,
};

/* A thread that is put at its queue's end gets a new slice. */
static void enqueue(struct run_queue *rq, struct task_struct *task, bool at_head)
{
	struct list_head *queue = &rq->queue[task->prio];

	lockdep_assert_held(&rq->lock);
	if (at_head) {
		list_add(&task->run_node, queue);
	} else {
		list_add_tail(&task->run_node, queue);
		task->slice_ns = TIME_SLICE_NS;
	}
	rq->bitmap |= 1u << task->prio;
	WRITE_ONCE(rq->nr_queued, rq->nr_queued + 1);	/* fetch_thread() reads it unlocked */
}

static void dequeue(struct run_queue *rq, struct task_struct *task)
{
	lockdep_assert_held(&rq->lock);
	list_del_init(&task->run_node);
	if (list_empty(&rq->queue[task->prio]))
		rq->bitmap &= ~(1u << task->prio);
	WRITE_ONCE(rq->nr_queued, rq->nr_queued - 1);
}

static bool may_run_on(const struct task_struct *task, unsigned int cpu)
{
	return task->cpus_allowed >> cpu & 1;
}

static unsigned int rq_cpu(const struct run_queue *rq)
{
	return (unsigned int)(rq - run_queues);
}

/* The most urgent thread in @rq's queues that may run on @cpu; NULL if there is none. */
static struct task_struct *movable_thread(struct run_queue *rq, unsigned int cpu)
{
	struct task_struct *task;
	unsigned int prio;

	for (prio = 0; prio < NR_PRIOS; prio++) {
		list_for_each_entry(task, &rq->queue[prio], run_node)
			if (may_run_on(task, cpu))
				return task;
	}
	return NULL;
}

static struct task_struct *pick_next(struct run_queue *rq)
{
	struct task_struct *next;

	if (!rq->bitmap)
		return rq->idle;
	next = list_first_entry(&rq->queue[__builtin_ctz(rq->bitmap)], struct task_struct,
				run_node);
	dequeue(rq, next);
	return next;
}

/*
 * Subtract from @task's slice the time that it ran since the last switch or charge. Counting the
 * ticks that meet it would not do: a thread that always gives up the CPU before the tick would
 * never use any of its slice.
 */
static void charge(struct task_struct *task, u64 now)
{
	u64 ran = now - task->switched_in_ns;

	task->runtime_ns += ran;
	task->slice_ns -= min(ran, task->slice_ns);
	task->switched_in_ns = now;
}

/*
 * A thread that was preempted before the end of its slice returns to the head of its queue; one
 * that called schedule() goes to the end.
 */
static void put_back(struct run_queue *rq, struct task_struct *prev, bool preempt)
{
	if (prev == rq->idle)
		return;
	/*
	 * A preempted thread stays here even if it may not: it may be on its way to sleep, and
	 * wake_up_locked() must find it in a queue.
	 */
	if (unlikely(!preempt && !may_run_on(prev, rq_cpu(rq))))
		rq->leaving = prev;
	else
		enqueue(rq, prev, preempt && prev->slice_ns);
}

/* Make the CPU of @rq, whose lock is held, choose again which thread to run. */
static void resched(struct run_queue *rq)
{
	lockdep_assert_held(&rq->lock);
	WRITE_ONCE(rq->curr->need_resched, true);
	if (rq_cpu(rq) != smp_processor_id())
		smp_send_reschedule(rq_cpu(rq));
}

/*
 * Threads wait in @rq's queues while its CPU runs another one: make an idle CPU take the most
 * urgent one that may run there. A CPU that becomes idle only after it was checked here finds the
 * thread itself in fetch_thread().
 */
static void call_idle_cpu(struct run_queue *rq)
{
	unsigned int cpu;

	smp_mb();
	for_each_online_cpu(cpu) {
		struct run_queue *other = &run_queues[cpu];

		if (other == rq || READ_ONCE(other->curr) != other->idle ||
		    READ_ONCE(other->idle->need_resched) || !movable_thread(rq, cpu))
			continue;
		/* Idle threads are never freed, so this needs no lock of the other run queue. */
		WRITE_ONCE(other->idle->need_resched, true);
		if (cpu != smp_processor_id())
			smp_send_reschedule(cpu);
		return;
	}
}

/* After @task was put into one of @rq's queues: see that it is noticed where it can run first. */
static void check_preemption(struct run_queue *rq, const struct task_struct *task)
{
	bool is_next = task->prio < rq->curr->prio;

	if (is_next)
		resched(rq);
	/*
	 * @rq's CPU takes only one of its queued threads. If another one was woken a moment ago and
	 * has not started yet, one of the two would have to wait, though idle CPUs may be there.
	 */
	if (!is_next || rq->nr_queued > 1)
		call_idle_cpu(rq);
}

struct run_queue *task_rq_lock(struct task_struct *task, unsigned long *flags)
{
	for (;;) {
		struct run_queue *rq = task_rq(task);

		spin_lock_irqsave(&rq->lock, *flags);
		/*
		 * send_away() moves a `leaving` thread without this lock, and clears `leaving`
		 * last; so that must be read first.
		 */
		if (likely(smp_load_acquire(&rq->leaving) != task && rq == task_rq(task)))
			return rq;
		spin_unlock_irqrestore(&rq->lock, *flags);
		arch_cpu_relax();
	}
}

void __schedule(bool preempt)
{
	unsigned long flags = irq_save();
	struct task_struct *prev = current, *next;
	struct run_queue *rq = task_rq(prev);
	u64 now;

	assert_preempt_off();
	/*
	 * Cleared under the lock: whoever sets it after that has queued a thread after pick_next()
	 * looked, and the flag will make this CPU look again.
	 */
	spin_lock(&rq->lock);
	WRITE_ONCE(prev->need_resched, false);
	now = ktime_get_ns();
	charge(prev, now);
	/*
	 * A thread that was preempted between setting its state and testing its condition must run
	 * on to make that test, whatever its state says.
	 */
	if (preempt || prev->__state == TASK_RUNNING)
		put_back(rq, prev, preempt);
	next = pick_next(rq);
	if (next == prev) {
		spin_unlock(&rq->lock);
		irq_restore(flags);
		return;
	}
	/* @prev waits in the queue now, and perhaps an idle CPU can take it. */
	if (!list_empty(&prev->run_node))
		call_idle_cpu(rq);
	trace_sched_switch(preempt, prev, next, prev->__state);
	next->switched_in_ns = now;
	next->nr_switches++;
	rq->nr_switches++;
	/*
	 * The lock is held across the switch and released by the thread that is switched to, so
	 * that no other CPU takes @prev out of the queue while its stack is still in use.
	 */
	context_switch(rq, prev, next);
	irq_restore(flags);
}

void schedule(void)
{
	if (unlikely(preempt_count()))
		panic("schedule() with preempt count 0x%x", preempt_count());
	do {
		preempt_disable();
		__schedule(false);
		preempt_enable_no_resched();
	} while (unlikely(READ_ONCE(current->need_resched)));
}

/*
 * Make a sleeping thread runnable; its run queue's lock is held. Returns 1 if it was asleep. A
 * thread that is still on its way to sleep, whether running or preempted there, needs no more than
 * its state changed.
 */
static int wake_up_locked(struct run_queue *rq, struct task_struct *task)
{
	unsigned int state;

	lockdep_assert_held(&rq->lock);
	/*
	 * The thread may be setting its state just now, without a lock. Both sides have a full
	 * barrier between what they write and what they read (set_current_state(),
	 * wake_up_process()): if this reads the old state, the thread finds its condition true.
	 */
	state = READ_ONCE(task->__state);
	if (state == TASK_RUNNING || state == TASK_DEAD)
		return 0;
	trace_sched_waking(task);
	WRITE_ONCE(task->__state, TASK_RUNNING);
	if (task != rq->curr && list_empty(&task->run_node)) {
		enqueue(rq, task, false);
		check_preemption(rq, task);
	}
	/* Asked only if anybody wants to know: it would cost more than the two NOPs. */
	if (trace_sched_wakeup_enabled() || trace_sched_wakeup_new_enabled()) {
		if (task->nr_switches)
			trace_sched_wakeup(task);
		else
			trace_sched_wakeup_new(task);
	}
	return 1;
}

int wake_up_process(struct task_struct *task)
{
	struct run_queue *rq;
	unsigned long flags;
	int woken;

	smp_mb();	/* the condition is written before @task's state is read */
	rq = task_rq_lock(task, &flags);
	woken = wake_up_locked(rq, task);
	task_rq_unlock(rq, flags);
	return woken;
}

void send_away(struct task_struct *task)
{
	unsigned int cpu, target = 0;
	struct run_queue *rq;
	unsigned long flags = irq_save();

	for_each_online_cpu(cpu)
		if (may_run_on(task, cpu))
			target = cpu;
	/* Until it is queued, `leaving` makes task_rq_lock(), and so every wake-up, wait. */
	rq = &run_queues[target];
	spin_lock(&rq->lock);
	trace_sched_migrate_task(task, (int)target);
	WRITE_ONCE(task->cpu, target);
	enqueue(rq, task, false);
	check_preemption(rq, task);
	spin_unlock(&rq->lock);
	irq_restore(flags);
}

int set_cpus_allowed(unsigned long mask)
{
	if (!(mask & ((2ul << (nr_cpus_online - 1)) - 1)))
		return -EINVAL;
	WRITE_ONCE(current->cpus_allowed, mask);
	for (;;) {
		bool there;

		preempt_disable();
		there = may_run_on(current, smp_processor_id());
		preempt_enable();
		if (there)
			return 0;
		/* The switch moves the thread, because it may not stay in this CPU's queues. */
		schedule();
	}
}

void kthread_bind(struct task_struct *task, unsigned int cpu)
{
	task->cpus_allowed = 1ul << cpu;
	task->cpu = cpu;
}

void scheduler_tick(void)
{
	struct task_struct *curr = current;
	struct run_queue *rq = task_rq(curr);
	u64 now = ktime_get_ns();

	assert_irqs_off();
	/* First, because a thread that wakes now may have curr's priority. */
	wake_sleepers(rq, now);
	spin_lock(&rq->lock);
	/* A slice ends only in favour of a thread of the same priority; lower ones must wait. */
	if (now - curr->switched_in_ns >= curr->slice_ns && !list_empty(&rq->queue[curr->prio]))
		WRITE_ONCE(curr->need_resched, true);
	spin_unlock(&rq->lock);
}

void yield(void)
{
	schedule();
}

void set_user_nice(struct task_struct *task, long nice)
{
	unsigned int prio = (unsigned int)clamp(nice + DEFAULT_PRIO, 0l, (long)NR_PRIOS - 2);
	struct run_queue *rq;
	unsigned long flags;
	bool queued;

	rq = task_rq_lock(task, &flags);
	/* If the priority does not change, the thread keeps its place in the queue. */
	queued = task->prio != prio && task != rq->curr && !list_empty(&task->run_node) &&
		 READ_ONCE(task->__state) != TASK_DEAD;
	if (queued)
		dequeue(rq, task);
	task->prio = prio;
	if (queued)
		enqueue(rq, task, false);
	/*
	 * Whether @task runs or waits, a queued thread may now be more urgent than the running one.
	 */
	if (rq->bitmap && (unsigned int)__builtin_ctz(rq->bitmap) < rq->curr->prio)
		resched(rq);
	task_rq_unlock(rq, flags);
}

static void init_run_queue(struct run_queue *rq)
{
	spin_lock_init(&rq->lock);
	for (unsigned int i = 0; i < NR_PRIOS; i++)
		INIT_LIST_HEAD(&rq->queue[i]);
	spin_lock_init(&rq->sleepers_lock);
	INIT_LIST_HEAD(&rq->sleepers);
	INIT_LIST_HEAD(&rq->dead);
}

void sched_init(void)
{
	struct run_queue *rq = &run_queues[0];

	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		init_run_queue(&run_queues[cpu]);
	INIT_LIST_HEAD(&init_task.run_node);
	INIT_LIST_HEAD(&init_task.sleep_node);
	INIT_LIST_HEAD(&init_task.exit_waiters);
	thread_list_add(&init_task);
	init_task.switched_in_ns = ktime_get_ns();
	rq->curr = &init_task;
	rq->idle = &init_task;
}

/*
 * Move a thread from @from to @rq. Both locks are held, because the thread may be on its way to
 * sleep, and a wake-up must find it in a queue at any time. The lock of the CPU with the lower
 * number is taken first, as everywhere that two are taken.
 */
static bool take_from(struct run_queue *from, struct run_queue *rq)
{
	struct run_queue *first = min(from, rq), *second = max(from, rq);
	struct task_struct *task;

	spin_lock(&first->lock);
	spin_lock(&second->lock);
	task = movable_thread(from, rq_cpu(rq));
	if (task) {
		dequeue(from, task);
		/* The event reads the CPU that the thread leaves from the thread itself. */
		trace_sched_migrate_task(task, (int)rq_cpu(rq));
		WRITE_ONCE(task->cpu, rq_cpu(rq));
		enqueue(rq, task, false);
	}
	spin_unlock(&second->lock);
	spin_unlock(&first->lock);
	return task != NULL;
}

/* Called when this CPU is idle, with interrupts off: take a thread that waits on another CPU. */
static bool fetch_thread(void)
{
	unsigned int cpu, self = smp_processor_id();

	assert_irqs_off();
	if (NR_CPUS == 1)
		return false;
	smp_mb();	/* pairs with call_idle_cpu(), which sees this CPU idle if not seen here */
	for (cpu = 0; cpu < nr_cpus_online; cpu++)
		if (cpu != self && READ_ONCE(run_queues[cpu].nr_queued) &&
		    take_from(&run_queues[cpu], &run_queues[self]))
			return true;
	return false;
}

void cpu_idle(void)
{
	struct run_queue *rq = &run_queues[smp_processor_id()];

	for (;;) {
		reap_dead_threads();
		irq_disable();
		/*
		 * An interrupt may have ended in the scheduler, which has run other threads before
		 * it returned here. So need_resched is clear again, but one of them may have died.
		 */
		while (!fetch_thread() && !READ_ONCE(current->need_resched) &&
		       list_empty(&rq->dead))
			irq_idle();
		irq_enable();
		schedule();
	}
}
