/* SPDX-License-Identifier: MIT */
/*
 * Creation and end of kernel threads. A new thread sleeps until it is first woken, and ends by
 * returning from its function. Its creator holds a reference until kthread_stop() or
 * kthread_join(). A thread cannot free the stack that it runs on; the idle thread frees it later,
 * or the next kernel_clone() does.
 */
#include <stdarg.h>
#include "kernel/bug.h"
#include "kernel/events/sched.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/printk_internal.h"
#include "kernel/sched/job.h"
#include "kernel/sched/sched_internal.h"
#include "kernel/trace_hooks.h"

#define MAX_THREADS 2048

static LIST_HEAD(all_threads);
static DEFINE_SPINLOCK(all_threads_lock);	/* also: pids, exited, exit_waiters, usage, job */
static unsigned int nr_threads;
static unsigned int nr_unreaped;		/* ended, but stack not freed yet; atomic */
static pid_t last_pid;
static struct kmem_cache *task_cache;

struct exit_waiter {
	struct list_head node;
	struct task_struct *task;
};

/* This and task_comm_of() are notrace because panic reports, which print the trace, call them. */
static notrace struct task_struct *find_thread(pid_t pid)
{
	struct task_struct *task;

	list_for_each_entry(task, &all_threads, all_node) {
		if (task->pid == pid)
			return task;
	}
	return NULL;
}

/* The loop ends because there can be fewer threads than pids. */
static pid_t next_pid(void)
{
	lockdep_assert_held(&all_threads_lock);
	do {
		last_pid = last_pid + 1 < PID_MAX ? last_pid + 1 : 1;
	} while (find_thread(last_pid));
	return last_pid;
}

/* Also for thread 0 and other idle threads, which are not made by kernel_clone(). */
void thread_list_add(struct task_struct *task)
{
	spin_lock(&all_threads_lock);
	list_add_tail(&task->all_node, &all_threads);
	nr_threads++;
	spin_unlock(&all_threads_lock);
}

static int enlist(struct task_struct *task)
{
	int err = -EAGAIN;

	spin_lock(&all_threads_lock);
	if (nr_threads < MAX_THREADS) {
		task->pid = next_pid();
		list_add_tail(&task->all_node, &all_threads);
		nr_threads++;
		err = 0;
	}
	spin_unlock(&all_threads_lock);
	return err;
}

static void put_task(struct task_struct *task)
{
	bool last;

	spin_lock(&all_threads_lock);
	BUG_ON(!task->usage);
	last = --task->usage == 0;
	spin_unlock(&all_threads_lock);
	if (last) {
		trace_sched_process_free(task);
		ftrace_graph_exit_task(task);
		kmem_cache_free(task_cache, task);
	}
}

static struct task_struct *take_dead_thread(void)
{
	struct task_struct *task = NULL;
	struct run_queue *rq;
	unsigned long flags;

	preempt_disable();
	rq = &run_queues[smp_processor_id()];
	spin_lock_irqsave(&rq->lock, flags);
	if (!list_empty(&rq->dead)) {
		task = list_first_entry(&rq->dead, struct task_struct, run_node);
		list_del_init(&task->run_node);
	}
	spin_unlock_irqrestore(&rq->lock, flags);
	preempt_enable();
	return task;
}

void reap_dead_threads(void)
{
	struct task_struct *task;

	while ((task = take_dead_thread())) {
		spin_lock(&all_threads_lock);
		list_del_init(&task->all_node);
		nr_threads--;
		spin_unlock(&all_threads_lock);
		/* Only now, so that no thread in the list has a stack that was freed. */
		vfree(task->stack);
		put_task(task);
		__atomic_fetch_sub(&nr_unreaped, 1, __ATOMIC_RELEASE);
	}
}

unsigned int threads_unreaped(void)
{
	return __atomic_load_n(&nr_unreaped, __ATOMIC_ACQUIRE);
}

static struct task_struct *alloc_task(int (*fn)(void *data), void *data)
{
	struct task_struct *task;

	if (!task_cache)
		task_cache = kmem_cache_create("task_struct", sizeof(*task), 64);
	task = task_cache ? kmem_cache_alloc(task_cache, __GFP_ZERO) : NULL;
	if (!task)
		return NULL;
	task->stack = vmalloc(THREAD_STACK_SIZE);
	if (!task->stack) {
		kmem_cache_free(task_cache, task);
		return NULL;
	}
	task->thread_fn = fn;
	task->thread_data = data;
	task->job = job_get(current->job);
	task->preempt_count = PREEMPT_OFFSET;	/* the run queue's lock, for finish_switch() */
	task->__state = TASK_UNINTERRUPTIBLE;
	task->prio = DEFAULT_PRIO;
	task->cpus_allowed = current->cpus_allowed;
	task->usage = 2;			/* the creator's reference and its own */
	task->fail_alloc = -1;
	INIT_LIST_HEAD(&task->run_node);
	INIT_LIST_HEAD(&task->sleep_node);
	INIT_LIST_HEAD(&task->exit_waiters);
	return task;
}

struct task_struct *idle_thread_create(unsigned int cpu)
{
	struct task_struct *task = alloc_task(NULL, NULL);

	if (!task)
		return NULL;
	scnprintf(task->comm, sizeof(task->comm), "swapper/%u", cpu);
	task->preempt_count = 0;
	task->__state = TASK_RUNNING;
	task->prio = NR_PRIOS - 1;
	task->cpu = cpu;
	task->cpus_allowed = 1ul << cpu;
	run_queues[cpu].curr = task;
	run_queues[cpu].idle = task;
	return task;
}

/*
 * The CPU in @mask with the fewest runnable threads. Takes no lock, so the answer may be slightly
 * out of date.
 */
static unsigned int least_busy_cpu(unsigned long mask)
{
	unsigned int cpu, load, best = 0, best_load = ~0u;

	for_each_online_cpu(cpu) {
		const struct run_queue *rq = &run_queues[cpu];

		load = READ_ONCE(rq->nr_queued) + (READ_ONCE(rq->curr) != rq->idle);
		if (mask >> cpu & 1 && load < best_load) {
			best = cpu;
			best_load = load;
		}
	}
	return best;
}

noinline pid_t kernel_clone(struct kernel_clone_args *args)
{
	struct task_struct *task;
	int err;

	/* First, because the stacks of dead threads may be the memory that is needed. */
	reap_dead_threads();
	task = alloc_task(args->fn, args->fn_arg);
	if (!task)
		return -ENOMEM;
	strscpy(task->comm, args->name, sizeof(task->comm));
	task->cpu = least_busy_cpu(task->cpus_allowed);
	arch_thread_init(task);
	/* From here on others can find the thread, so it must be complete. */
	err = enlist(task);
	if (err) {
		job_put(task->job);
		vfree(task->stack);
		kmem_cache_free(task_cache, task);
		return err;
	}
	ftrace_graph_init_task(task);
	trace_sched_process_fork(current, task);
	args->task = task;
	return task->pid;
}

struct task_struct *kthread_create(int (*fn)(void *data), void *data, const char *name, ...)
{
	char comm[TASK_COMM_LEN];
	struct kernel_clone_args clone = { .name = comm, .fn = fn, .fn_arg = data };
	va_list args;
	pid_t pid;

	va_start(args, name);
	vscnprintf(comm, sizeof(comm), name, args);
	va_end(args);
	pid = kernel_clone(&clone);
	return pid < 0 ? ERR_PTR(pid) : clone.task;
}

void task_set_job(struct task_struct *task, struct job *job)
{
	struct job *before;

	job_get(job);
	/* for_each_thread() holds the lock while its visitor takes a reference to either. */
	spin_lock(&all_threads_lock);
	before = task->job;
	WRITE_ONCE(task->job, job);
	spin_unlock(&all_threads_lock);
	job_put(before);
}

static void announce_exit(int code)
{
	struct exit_waiter *waiter;

	__atomic_fetch_add(&nr_unreaped, 1, __ATOMIC_RELAXED);
	spin_lock(&all_threads_lock);
	current->exit_code = code;
	current->exited = true;
	/* Under the lock, because a waiter's node is on its stack, which it leaves once woken. */
	while (!list_empty(&current->exit_waiters)) {
		waiter = list_first_entry(&current->exit_waiters, struct exit_waiter, node);
		list_del_init(&waiter->node);
		wake_up_process(waiter->task);
	}
	spin_unlock(&all_threads_lock);
}

/* Preemption is off before the state becomes dead, so that a dead thread is never queued again. */
void kthread_main(void)
{
	int code = current->thread_fn(current->thread_data);

	/* First, while the thread can still be found and run like any other. */
	trace_sched_process_exit(current);
	trace_sched_process_gone(current);
	trace_task_exit(current);
	task_set_job(current, NULL);	/* while the thread can still sleep */
	lockdep_thread_ends();
	announce_exit(code);
	if (unlikely(preempt_count()))
		panic("%s (pid %d) ended with preempt count 0x%x", current->comm, (int)current->pid,
		      preempt_count());
	preempt_disable();
	WRITE_ONCE(current->__state, TASK_DEAD);
	__schedule(false);
	panic("a dead thread runs");
}

bool kthread_should_stop(void)
{
	return READ_ONCE(current->should_stop);
}

int kthread_join(struct task_struct *task)
{
	struct exit_waiter waiter = { LIST_HEAD_INIT(waiter.node), current };
	int code;

	might_sleep();
	spin_lock(&all_threads_lock);
	while (!task->exited) {
		/* After a wake-up for another reason the node is still in the list. */
		if (list_empty(&waiter.node))
			list_add_tail(&waiter.node, &task->exit_waiters);
		set_current_state(TASK_UNINTERRUPTIBLE);
		spin_unlock(&all_threads_lock);
		schedule();
		spin_lock(&all_threads_lock);
	}
	/* The node may still be in the list; it is on this stack, so it must not stay there. */
	list_del_init(&waiter.node);
	code = task->exit_code;
	spin_unlock(&all_threads_lock);
	put_task(task);
	return code;
}

int kthread_stop(struct task_struct *task)
{
	WRITE_ONCE(task->should_stop, true);
	wake_up_process(task);
	return kthread_join(task);
}

int for_each_thread(int (*fn)(struct task_struct *task, void *arg), void *arg)
{
	struct task_struct *task;
	int ret = 0;

	spin_lock(&all_threads_lock);
	list_for_each_entry(task, &all_threads, all_node) {
		if (READ_ONCE(task->switched_out))
			continue;
		ret = fn(task, arg);
		if (ret)
			break;
	}
	spin_unlock(&all_threads_lock);
	return ret;
}

/* During a panic the lock may never be released, so the name is read without it then. */
notrace void task_comm_of(pid_t pid, char comm[TASK_COMM_LEN])
{
	bool locked = !oops_in_progress();
	struct task_struct *task;

	if (locked)
		spin_lock(&all_threads_lock);
	task = find_thread(pid);
	strscpy(comm, task ? task->comm : "<...>", TASK_COMM_LEN);
	if (locked)
		spin_unlock(&all_threads_lock);
}
