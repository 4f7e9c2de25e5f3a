/* SPDX-License-Identifier: MIT */
/*
 * A client that breaks the kernel, for tests/drive/console/reports.py. What it attaches to the
 * functions that `f` names goes wrong when it is called, on the CPU or in the context that `where`
 * names. The report must not fail because of it.
 */
#include <linux/ftrace.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
#include "kernel/arch.h"
#include "kernel/bug.h"
#include "kernel/sched/current.h"
#include "kernel/smp.h"

static char *f = "*";
module_param(f, charp, 0444);
/* or overflow, traced, direct, panics, talks, stack, current, words */
static char *what = "fault";
module_param(what, charp, 0444);
static char *where = "";		/* or irq, cpu2 */
module_param(where, charp, 0444);

static volatile int sink;
static const volatile int *volatile nowhere = (const volatile int *)8;
static const char *volatile no_words = (const char *)8;

static notrace bool is_here(void)
{
	if (!strcmp(where, "irq"))
		return in_hardirq();
	return strcmp(where, "cpu2") || smp_processor_id() == 2;
}

static notrace noinline int dig(int depth)
{
	volatile char room[256];

	room[0] = (char)depth;
	return depth < 0 ? 0 : dig(depth + 1) + room[0];
}

static notrace void fault(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			  struct ftrace_regs *fregs)
{
	if (is_here())
		sink = *nowhere;
}

static notrace void overflow(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			     struct ftrace_regs *fregs)
{
	if (is_here())
		sink = dig(0);
}

/* It has a site of its own, and so calls itself for ever. */
static noinline void traced(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			    struct ftrace_regs *fregs)
{
	sink++;
}

static notrace void direct(void)
{
	sink = *nowhere;
}

static struct ftrace_ops ops;

static unsigned int nr_ready;

/* Both CPUs panic at the same moment, as nearly as they can. */
static int panic_on_cpu(void *unused)
{
	__atomic_fetch_add(&nr_ready, 1, __ATOMIC_RELAXED);
	while (READ_ONCE(nr_ready) < 2)
		arch_cpu_relax();
	panic("asked for on CPU %u", smp_processor_id());
	return 0;
}

/*
 * CPU 1 writes to the log, which only a CPU that reports can use by then; the others write past it.
 */
static int talk(void *unused)
{
	bool ready = false;

	while (true) {
		if (smp_processor_id() == 1)
			pr_info("CPU 1 talks\n");
		else
			arch_log_putc('\n');
		if (!ready)
			__atomic_fetch_add(&nr_ready, 1, __ATOMIC_RELAXED);
		ready = true;
	}
	return 0;
}

/* Runs @function on each of the CPUs from 1 to @last. */
static int run_on_others(int (*function)(void *), unsigned int last)
{
	for (unsigned int cpu = 1; cpu <= last; cpu++) {
		struct task_struct *task = kthread_create(function, NULL, "crash/%u", cpu);

		if (IS_ERR(task))
			return PTR_ERR(task);
		kthread_bind(task, cpu);
		wake_up_process(task);
	}
	return 0;
}

static int panic_while_others_talk(void)
{
	int err = run_on_others(talk, 3);

	if (err)
		return err;
	while (READ_ONCE(nr_ready) < 3)
		schedule_timeout(1);
	panic("while others talk");
	return 0;
}

/* The thread's stack and the chain of its frames seem to reach further than they do. */
static notrace noinline int panic_on_a_bad_stack(void)
{
	unsigned long *frame = __builtin_frame_address(0);

	*frame = (unsigned long)current->stack + THREAD_STACK_SIZE + 256;
	current->stack = (char *)current->stack + THREAD_STACK_SIZE / 2;
	panic("on a bad stack");
	return 0;
}

/* Everything that reads `current` faults, reports included. */
static notrace noinline int fault_as_nobody(void)
{
	arch_irq_disable();
	arch_set_current((struct task_struct *)(PAGE_SIZE + 64));
	sink = *nowhere;
	return 0;
}

static int __init crash_init(void)
{
	int err;

	if (!strcmp(what, "stack"))
		return panic_on_a_bad_stack();
	if (!strcmp(what, "current"))
		return fault_as_nobody();
	if (!strcmp(what, "words"))
		panic(no_words);

	if (!strcmp(what, "panics"))
		return run_on_others(panic_on_cpu, 2);
	if (!strcmp(what, "talks"))
		return panic_while_others_talk();
	err = ftrace_set_filter(&ops, f, strlen(f), 1);
	if (err)
		return err;
	if (!strcmp(what, "direct"))
		return register_ftrace_direct(&ops, (unsigned long)direct);
	ops.func = !strcmp(what, "overflow") ? overflow : !strcmp(what, "traced") ? traced : fault;
	return register_ftrace_function(&ops);
}

static void __exit crash_exit(void)
{
}

module_init(crash_init);
module_exit(crash_exit);
MODULE_LICENSE("MIT");
