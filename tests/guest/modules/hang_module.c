/* SPDX-License-Identifier: MIT */
/*
 * A client that hangs the kernel in the way that `how` names, for tests/drive/boot/postmortem.py,
 * which must find out from outside where. What hangs is in a function of a name of its own.
 */
#include <linux/ftrace.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
#include "kernel/arch.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "kernel/sched/spinlock.h"
#include "kernel/sched/wait.h"
#include "kernel/smp.h"

static char *how = "";
module_param(how, charp, 0444);

static volatile bool for_ever = true;
static bool is_deaf;
static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DECLARE_COMPLETION(both_have_one);
static DECLARE_COMPLETION(never);

static noinline int spins_with_interrupts_off(void *unused)
{
	unsigned long flags = arch_irq_save();

	WRITE_ONCE(is_deaf, true);
	while (for_ever)
		arch_cpu_relax();
	arch_irq_restore(flags);
	return 0;
}

static noinline int spins(void *unused)
{
	while (for_ever)
		arch_cpu_relax();
	return 0;
}

static noinline int takes_a_lock_twice(void *unused)
{
	spin_lock(&lock);
	spin_lock(&lock);
	spin_unlock(&lock);
	return 0;
}

static noinline int takes_a_mutex_twice(void *unused)
{
	mutex_lock(&first);
	mutex_lock(&first);
	mutex_unlock(&first);
	return 0;
}

static noinline int takes_the_second_then_the_first(void *unused)
{
	mutex_lock(&second);
	complete(&both_have_one);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
	return 0;
}

static noinline int takes_the_first_then_the_second(void *unused)
{
	struct task_struct *other;

	mutex_lock(&first);
	other = kthread_run(takes_the_second_then_the_first, NULL, "other");
	if (IS_ERR(other))
		return PTR_ERR(other);
	wait_for_completion(&both_have_one);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	return 0;
}

static noinline int keeps_a_mutex_while_it_sleeps(void *unused)
{
	mutex_lock(&first);
	complete(&both_have_one);
	wait_for_completion(&never);
	mutex_unlock(&first);
	return 0;
}

static noinline int waits_for_one_that_sleeps(void *unused)
{
	struct task_struct *other = kthread_run(keeps_a_mutex_while_it_sleeps, NULL, "keeper");

	if (IS_ERR(other))
		return PTR_ERR(other);
	wait_for_completion(&both_have_one);
	mutex_lock(&first);
	mutex_unlock(&first);
	return 0;
}

static noinline int is_never_woken(void *unused)
{
	wait_for_completion(&never);
	return 0;
}

static void notrace callback_that_never_returns(unsigned long ip, unsigned long parent_ip,
						struct ftrace_ops *op, struct ftrace_regs *fregs)
{
	while (for_ever)
		arch_cpu_relax();
}

static struct ftrace_ops ops = {
	.func = callback_that_never_returns,
};
static char callee[] = "vfs_open";

static noinline int calls_it(void *unused)
{
	int err = ftrace_set_filter(&ops, (void *)callee, sizeof(callee) - 1, 1);

	return err ? err : register_ftrace_function(&ops);
}

static noinline void digs_for_ever(int depth)
{
	volatile char room[64];

	room[0] = (char)depth;
	if (for_ever)
		digs_for_ever(depth + room[0] + 1);
	room[1] = 0;
}

static noinline int overflows_its_stack(void *unused)
{
	digs_for_ever(0);
	return 0;
}

static noinline void nothing(void *unused)
{
}

static noinline int waits_for_a_deaf_cpu(void *unused)
{
	struct task_struct *deaf = kthread_create(spins_with_interrupts_off, NULL, "deaf");

	if (IS_ERR(deaf))
		return PTR_ERR(deaf);
	kthread_bind(deaf, 1);
	wake_up_process(deaf);
	/* Before that its CPU would still answer the call. */
	while (!READ_ONCE(is_deaf))
		schedule_timeout(1);
	smp_call_function(nothing, NULL);
	return 0;
}

static const struct {
	const char *name;
	int (*function)(void *unused);
	bool in_thread;
} ways[] = {
	{ "irqs_off", spins_with_interrupts_off, true },
	{ "spin", spins, true },
	{ "lock", takes_a_lock_twice, true },
	{ "mutex", takes_a_mutex_twice, true },
	{ "abba", takes_the_first_then_the_second, true },
	{ "keeper", waits_for_one_that_sleeps, true },
	{ "never", is_never_woken, true },
	{ "callback", calls_it, false },
	{ "stack", overflows_its_stack, true },
	{ "deaf", waits_for_a_deaf_cpu, true },
};

static int __init hang_init(void)
{
	struct task_struct *task;

	for (unsigned int i = 0; i < ARRAY_SIZE(ways); i++) {
		if (strcmp(how, ways[i].name))
			continue;
		pr_info("hang_module: %s\n", how);
		if (!ways[i].in_thread)
			return ways[i].function(NULL);
		task = kthread_run(ways[i].function, NULL, "hangs");
		return IS_ERR(task) ? PTR_ERR(task) : kthread_join(task);
	}
	return -EINVAL;
}

static void __exit hang_exit(void)
{
}

module_init(hang_init);
module_exit(hang_exit);
