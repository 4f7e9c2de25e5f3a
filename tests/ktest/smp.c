/* SPDX-License-Identifier: MIT */
/*
 * Many CPUs: calls between them, threads that move, wake-ups across, locks. All cases run on
 * one CPU too, where they say less. Changing sites under load is in soak.c.
 */
#include "kernel/arch.h"
#include "kernel/current.h"
#include "kernel/errno.h"
#include "kernel/ktest.h"
#include "kernel/mm.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "kernel/wait.h"

static unsigned int called_on[NR_CPUS];
static unsigned int wrong_context;

static void note_call(void *arg)
{
	__atomic_fetch_add(&called_on[smp_processor_id()], 1, __ATOMIC_RELAXED);
	if (!arch_irqs_disabled() || arg != called_on)
		__atomic_fetch_add(&wrong_context, 1, __ATOMIC_RELAXED);
}

KTEST(smp, calls_reach_each_cpu)
{
	unsigned int cpu, n;

	for_each_online_cpu(cpu)
		called_on[cpu] = 0;
	wrong_context = 0;
	for (n = 0; n < 10; n++) {
		for_each_online_cpu(cpu)
			smp_call_function_single(cpu, note_call, called_on);
		on_each_cpu(note_call, called_on);
	}
	for_each_online_cpu(cpu)
		KT_EXPECT_EQ(t, called_on[cpu], 20);
	KT_EXPECT_EQ(t, wrong_context, 0);
}

KTEST(smp, a_thread_moves_where_it_is_sent)
{
	unsigned int cpu, n;

	for (n = 0; n < 9; n++) {
		for_each_online_cpu(cpu) {
			KT_EXPECT_EQ(t, set_cpus_allowed(1ul << cpu), 0);
			KT_EXPECT_EQ(t, smp_processor_id(), cpu);
			if (n % 8 == 0)
				msleep(1);
			KT_EXPECT_EQ(t, smp_processor_id(), cpu);
		}
	}
	KT_EXPECT_EQ(t, set_cpus_allowed(0), -EINVAL);
}

/* Two threads on the two ends of the machine, each waking the other in turn. */
#define ROUNDS 100

static struct completion ping, pong;

static int answer(void *unused)
{
	unsigned int n;

	(void)unused;
	for (n = 0; n < ROUNDS; n++) {
		wait_for_completion(&ping);
		complete(&pong);
	}
	return (int)smp_processor_id();
}

KTEST(smp, wakeups_cross)
{
	unsigned int last = nr_cpus_online - 1, n;
	struct task_struct *task;

	KT_ASSERT(t, !set_cpus_allowed(1));
	init_completion(&ping);
	init_completion(&pong);
	task = kthread_create(answer, NULL, "ktest-pong");
	KT_ASSERT(t, !IS_ERR(task));
	kthread_bind(task, last);
	wake_up_process(task);
	for (n = 0; n < ROUNDS; n++) {
		complete(&ping);
		wait_for_completion(&pong);
	}
	KT_EXPECT_EQ(t, kthread_join(task), last);
}

/* The same few things done by a thread on each CPU at once. */
static bool on_all_cpus(struct ktest *t, int (*fn)(void *data))
{
	struct task_struct *task[NR_CPUS];
	unsigned int cpu, made = 0;

	for_each_online_cpu(cpu) {
		task[cpu] = kthread_create(fn, NULL, "ktest-cpu/%u", cpu);
		if (!KT_EXPECT(t, !IS_ERR(task[cpu])))
			break;
		kthread_bind(task[cpu], cpu);
		wake_up_process(task[cpu]);
		made++;
	}
	for (cpu = 0; cpu < made; cpu++)
		kthread_join(task[cpu]);
	return made == nr_cpus_online;
}

#define LOCKED_ROUNDS 2000

static DEFINE_SPINLOCK(test_lock);
static DEFINE_MUTEX(test_mutex);
static unsigned long locked_count, mutex_count;

static int count_under_locks(void *unused)
{
	unsigned int n;

	(void)unused;
	for (n = 0; n < LOCKED_ROUNDS; n++) {
		spin_lock(&test_lock);
		WRITE_ONCE(locked_count, READ_ONCE(locked_count) + 1);
		spin_unlock(&test_lock);
		if (n % 16)
			continue;
		mutex_lock(&test_mutex);
		WRITE_ONCE(mutex_count, READ_ONCE(mutex_count) + 1);
		mutex_unlock(&test_mutex);
	}
	return 0;
}

KTEST(smp, locks_exclude)
{
	locked_count = mutex_count = 0;
	KT_ASSERT(t, on_all_cpus(t, count_under_locks));
	KT_EXPECT_EQ(t, locked_count, LOCKED_ROUNDS * nr_cpus_online);
	KT_EXPECT_EQ(t, mutex_count, (LOCKED_ROUNDS + 15) / 16 * nr_cpus_online);
}

/* Allocators, and memory that other CPUs have mapped: written here, unmapped there. */
static unsigned int bad_memory;

static int use_memory(void *unused)
{
	unsigned int n;

	(void)unused;
	for (n = 0; n < 10; n++) {
		unsigned long *mapped = vmalloc(2 * PAGE_SIZE), *small = kmalloc(40, GFP_KERNEL);
		unsigned long mark = (unsigned long)current + n;

		if (mapped && small) {
			*mapped = *small = mark;
			yield();
			if (*mapped != mark || *small != mark)
				__atomic_fetch_add(&bad_memory, 1, __ATOMIC_RELAXED);
		}
		kfree(small);
		vfree(mapped);
	}
	return 0;
}

KTEST(smp, allocators_are_shared)
{
	bad_memory = 0;
	KT_ASSERT(t, on_all_cpus(t, use_memory));
	KT_EXPECT_EQ(t, bad_memory, 0);
}

/* As many busy threads as CPUs, all made and woken on one: idle CPUs come for them. */
static unsigned int ran_on;

static int run_a_while(void *unused)
{
	u64 end = ktime_get_ns() + 200 * NSEC_PER_MSEC;

	(void)unused;
	while (ktime_get_ns() < end) {
		unsigned int mask = 1u << smp_processor_id();

		__atomic_fetch_or(&ran_on, mask, __ATOMIC_RELAXED);
	}
	return 0;
}

KTEST(smp, idle_cpus_take_over)
{
	struct task_struct *task[NR_CPUS];
	unsigned int n, made = 0;

	ran_on = 0;
	for (n = 0; n < nr_cpus_online; n++) {
		task[n] = kthread_create(run_a_while, NULL, "ktest-busy/%u", n);
		if (!KT_EXPECT(t, !IS_ERR(task[n])))
			break;
		task[n]->cpu = 0;
		made++;
	}
	for (n = 0; n < made; n++)
		wake_up_process(task[n]);
	for (n = 0; n < made; n++)
		kthread_join(task[n]);
	KT_EXPECT_EQ(t, ran_on, (1ull << nr_cpus_online) - 1);
}
