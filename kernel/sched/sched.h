/* SPDX-License-Identifier: MIT */
/*
 * Threads and the preemptive priority scheduler. Names follow Linux's, so that
 * client code reads the same. struct task_struct is shared with assembly
 * through asm-offsets.
 */
#pragma once
#include "kernel/lib/list.h"
#include "kernel/sched/preempt.h"
#include "kernel/types.h"

#define TASK_COMM_LEN 16
#define THREAD_STACK_SIZE (4 * PAGE_SIZE)	/* guard page below */

#define TASK_RUNNING 0
#define TASK_INTERRUPTIBLE 1
#define TASK_UNINTERRUPTIBLE 2
#define TASK_DEAD 16

#define DEFAULT_PRIO 16		/* 0 highest .. 31 lowest; 31 is the idle thread's */
#define NR_PRIOS 32

struct task_struct {
	/* Read by the tracer's hot path and by assembly: keep first. */
	unsigned int preempt_count;	/* kernel/sched/preempt.h */
	unsigned int trace_recursion;	/* trace/core/recursion.h */
	bool need_resched;
	pid_t pid;
	char comm[TASK_COMM_LEN];

	unsigned int __state;
	unsigned int cpu;		/* that it runs on, or ran on last; whose queue it is in */
	unsigned long cpus_allowed;	/* bit n: CPU n, of those that are up */
	unsigned int prio;
	u64 slice_ns;			/* left of its time slice when it was switched in */
	unsigned long thread_sp;	/* saved stack pointer while switched out */
	void *stack;			/* lowest usable byte; NULL: the boot thread's static one */
	int (*thread_fn)(void *data);
	void *thread_data;
	int exit_code;
	bool should_stop, exited;
	bool switched_out;		/* dead, and off its stack for good */
	int usage;			/* references; freed at 0 */
	u32 seen_outside;		/* the last inspection that found it so: kernel/inspect.h */
	int fail_alloc;			/* mm_fail_after(); -1 = off */
	u64 wakeup_ns;			/* deadline while sleeping, 0 = none */
	u64 runtime_ns, switched_in_ns;
	unsigned long nr_switches;
	struct list_head run_node;	/* run queue or wait queue owner's */
	struct list_head sleep_node;
	struct list_head all_node;
	struct list_head exit_waiters;
};

_Static_assert(NR_CPUS <= 8 * sizeof(unsigned long), "cpus_allowed has a bit for each CPU");

extern struct task_struct init_task;	/* thread 0; the kernel's start makes it current */
void cpu_idle(void) __attribute__((noreturn));	/* what thread 0 does once there are others */
void sched_init(void);			/* boot: the running context becomes thread 0, "swapper" */
/* Give up the CPU: sleep by __state, or let the others of this priority run first. */
void schedule(void);
void scheduler_tick(void);		/* from the tick interrupt */
/* A switch is due: now, if nothing forbids it. Any context, untraced: kernel/sched/current.h. */
void preempt_schedule(void);
/* The port calls this at the end of an interrupt, with interrupts off and a preempt count of 0. */
void preempt_schedule_irq(void);
int wake_up_process(struct task_struct *task);	/* 1 if it was asleep; any context */
/* The state is seen before what is read behind it: the condition that is waited for. */
#define set_current_state(s) do { WRITE_ONCE(current->__state, (s)); smp_mb(); } while (0)
/* Sleep until woken or for @ns; returns remaining ns (0 = timed out). State set by the caller. */
u64 schedule_timeout_ns(u64 ns);
void msleep(unsigned int ms);
void yield(void);

/* What every thread is made by, under Linux's names: its pid, or -ENOMEM or -EAGAIN. */
struct kernel_clone_args {
	const char *name;
	int (*fn)(void *data);
	void *fn_arg;
	struct task_struct *task;	/* the result; Linux has no such field */
};
pid_t kernel_clone(struct kernel_clone_args *args);
/*
 * Create a thread, stopped; ERR_PTR(-ENOMEM) or ERR_PTR(-EAGAIN). It runs once woken.
 * kthread_run() wakes it. A thread ends by returning from its function. It may run on the CPUs on
 * which its creator may.
 */
struct task_struct *kthread_create(int (*fn)(void *data), void *data, const char *name, ...)
	__printf(3, 4);
#define kthread_run(fn, data, name, args...) ({				\
	struct task_struct *_t = kthread_create(fn, data, name, ##args);	\
	if (!IS_ERR(_t))						\
		wake_up_process(_t);					\
	_t; })
bool kthread_should_stop(void);
/* Ask @task to end, wait for it, return its exit code. The caller holds the creation reference. */
int kthread_stop(struct task_struct *task);
/* Wait without asking; consumes the creation reference. */
int kthread_join(struct task_struct *task);
/*
 * How many threads have ended whose stacks are still to be freed: by idle CPUs, soon. Any context.
 */
unsigned int threads_unreaped(void);
/* First C function of every thread, called by the port's switch code. */
void kthread_entry(void) __attribute__((noreturn));
/*
 * Keep the current thread to the CPUs in @mask (at least one of them up); it moves at once. 0,
 * -EINVAL.
 */
int set_cpus_allowed(unsigned long mask);
/* The same for a thread that was not woken yet. */
void kthread_bind(struct task_struct *task, unsigned int cpu);
void set_user_nice(struct task_struct *task, long nice);	/* -16..14: priority 16+nice */

/*
 * Call @fn for every thread, with the thread list locked and preemption off: no thread is created
 * or freed, nor does another run on this CPU, meanwhile. Stops when @fn returns nonzero and returns
 * that.
 */
int for_each_thread(int (*fn)(struct task_struct *task, void *arg), void *arg);
/* Copy the name of @pid; "<...>" if there is no such thread. */
void task_comm_of(pid_t pid, char comm[TASK_COMM_LEN]);
