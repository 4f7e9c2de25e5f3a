/* SPDX-License-Identifier: MIT */
/*
 * Threads and the preemptive priority scheduler. The names are Linux's, so that client code reads
 * the same. Assembly reads struct task_struct through asm-offsets.
 */
#pragma once
#include "kernel/lib/list.h"
#include "kernel/lockdep_types.h"
#include "kernel/sched/preempt.h"
#include "kernel/types.h"

#define TASK_COMM_LEN 16
/* A guard page lies below. What KASAN or KCSAN check needs more. */
#define THREAD_STACK_SIZE ((4 + 4 * (KASAN | KCSAN)) * PAGE_SIZE)

#define TASK_RUNNING 0
#define TASK_INTERRUPTIBLE 1
#define TASK_UNINTERRUPTIBLE 2
#define TASK_DEAD 16

#define DEFAULT_PRIO 16		/* 0 highest .. 31 lowest; 31 is the idle thread's */
#define NR_PRIOS 32

struct task_struct {
	/* The tracer's hot path and assembly read these, so they come first. */
	unsigned int preempt_count;	/* kernel/sched/preempt.h */
	unsigned int trace_recursion;	/* trace/core/recursion.h */
	bool need_resched;
	struct graph_stack *graph_stack;	/* trace/tracers/fgraph_stack.c; NULL: none yet */
	pid_t pid;
	char comm[TASK_COMM_LEN];
	struct mm_struct *mm;		/* for clients: NULL, which says that it is the kernel's */
	struct job *job;		/* kernel/sched/job.h; NULL: it belongs to the console */

	unsigned int __state;
	unsigned int cpu;		/* the CPU it runs on, is queued on, or ran on last */
	unsigned long cpus_allowed;	/* bit n: it may run on CPU n */
	unsigned int prio;
	u64 slice_ns;			/* the rest of its time slice at switched_in_ns */
	unsigned long thread_sp;	/* saved stack pointer while switched out */
	void *stack;			/* lowest usable byte; NULL for the boot thread */
	int (*thread_fn)(void *data);
	void *thread_data;
	int exit_code;
	bool should_stop, exited;
	bool switched_out;		/* dead, and its stack is not in use any more */
	int usage;			/* references; freed at 0 */
	u32 seen_outside;		/* number of the last inspection that proved it outside */
	bool rests_clear;		/* INSPECT_CLEAR was said of it, and it has not run since */
	int fail_alloc;			/* mm_fail_after(); -1 = off */
	u64 wakeup_ns;			/* deadline while sleeping, 0 = none */
	u64 runtime_ns, switched_in_ns;	/* CPU time; when it was last switched in or charged */
	unsigned long nr_switches;
	struct list_head run_node;	/* in a run queue, or in its list of dead threads */
	struct list_head sleep_node;
	struct list_head all_node;
	struct list_head exit_waiters;
#if KCSAN
	unsigned int kcsan_disabled;	/* depth of data_race() */
#endif
#if ASSERTIONS
	struct held_locks mutexes;
#endif
};

_Static_assert(NR_CPUS <= 8 * sizeof(unsigned long), "cpus_allowed has a bit for each CPU");

/* The function that @task runs, from its creation on; 0 once it has returned from there. */
static inline unsigned long task_function(const struct task_struct *task)
{
	return READ_ONCE(task->exited) ? 0 : (unsigned long)task->thread_fn;
}

extern struct task_struct init_task;	/* thread 0; kernel_main() makes it current */
void cpu_idle(void) __attribute__((noreturn));	/* the loop of every CPU's idle thread */
void sched_init(void);			/* boot: the running context becomes thread 0, "swapper" */
/*
 * Give up the CPU: sleep if __state is not TASK_RUNNING, otherwise let other threads of this
 * priority run first. Thread context, preemption on; panics otherwise.
 */
void schedule(void);
void scheduler_tick(void);		/* from the tick interrupt */
/*
 * need_resched is set: switch threads, unless preemption or interrupts are off. Any context,
 * untraced; see kernel/sched/current.h.
 */
void preempt_schedule(void);
/* The port calls this at the end of an interrupt, with interrupts off and a preempt count of 0. */
void preempt_schedule_irq(void);
int wake_up_process(struct task_struct *task);	/* 1 if it was asleep; any context */
/* Set the state, before the caller reads the condition that it is going to wait for. */
#define set_current_state(s) do { WRITE_ONCE(current->__state, (s)); smp_mb(); } while (0)
/*
 * Sleep for @ns, or until woken; the caller has set the state. Returns how many ns are left, 0 if
 * the time is over. Thread context.
 */
u64 schedule_timeout_ns(u64 ns);
void msleep(unsigned int ms);
void yield(void);

#define PID_MAX 32768		/* every pid is below it */

/*
 * kernel_clone() makes every thread. Returns its pid, -ENOMEM, or -EAGAIN if there are too many
 * threads. The name and most fields are Linux's. Thread context.
 */
struct kernel_clone_args {
	const char *name;
	int (*fn)(void *data);
	void *fn_arg;
	struct task_struct *task;	/* the result; Linux has no such field */
};
pid_t kernel_clone(struct kernel_clone_args *args);
/*
 * Create a thread that first runs when it is woken; kthread_run() wakes it at once. It ends when
 * @fn returns, and may run on the same CPUs as its creator. Returns the thread, with a reference
 * for the caller, ERR_PTR(-ENOMEM) or ERR_PTR(-EAGAIN). Thread context.
 */
struct task_struct *kthread_create(int (*fn)(void *data), void *data, const char *name, ...)
	__printf(3, 4);
#define kthread_run(fn, data, name, args...) ({				\
	struct task_struct *_t = kthread_create(fn, data, name, ##args);	\
	if (!IS_ERR(_t))						\
		wake_up_process(_t);					\
	_t; })
/* Has kthread_stop() been called for the current thread? */
bool kthread_should_stop(void);
/*
 * Ask @task to end, wait for that, and return its exit code. Consumes the creator's reference. May
 * sleep.
 */
int kthread_stop(struct task_struct *task);
/* The same, but wait for @task to end by itself. */
int kthread_join(struct task_struct *task);
/* How many threads have ended but still have a stack, which idle CPUs free soon. Any context. */
unsigned int threads_unreaped(void);
/* First C function of every thread, called by the port's switch code. */
void kthread_entry(void) __attribute__((noreturn));
/*
 * Restrict the current thread to the CPUs in @mask, and move it to one of them before returning. 0,
 * or -EINVAL if none of them is online. Thread context, preemption on.
 */
int set_cpus_allowed(unsigned long mask);
/* Bind a thread that has not been woken yet to one CPU. */
void kthread_bind(struct task_struct *task, unsigned int cpu);
void set_user_nice(struct task_struct *task, long nice);	/* -16..14: priority 16+nice */

/*
 * Call @fn for every thread until it returns nonzero; returns that, or 0. The thread list is locked
 * and preemption is off, so that meanwhile no thread is created or freed, and no other thread runs
 * on this CPU.
 */
int for_each_thread(int (*fn)(struct task_struct *task, void *arg), void *arg);
/* Copy the name of @pid; "<...>" if there is no such thread. */
void task_comm_of(pid_t pid, char comm[TASK_COMM_LEN]);
