/* SPDX-License-Identifier: MIT */
/*
 * Several CPUs: calls between them, threads that move, wake-ups across CPUs, locks. All cases also
 * run on one CPU, where they test less. soak.c changes sites under load.
 */
#include "kernel/arch.h"
#include "kernel/inspect.h"
#include "kernel/irq.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/current.h"
#include "kernel/sched/sched_internal.h"
#include "kernel/sched/wait.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/ktest.h"

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

/* Two threads on the first and the last CPU wake each other in turn. */
#define ROUNDS 100

static struct completion ping, pong;

static int answer(void *unused)
{
	unsigned int n;

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

/* Threads on all CPUs call the same function at once. */
static bool on_all_cpus(struct ktest *t, int (*fn)(void *data))
{
	struct task_struct *task[NR_CPUS] = { NULL };
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

/*
 * The test runs for a time, and not for a number of rounds: a lock that is passed on in turn is
 * slow if the host has fewer CPUs than the guest.
 */
#define LOCKED_NS (200 * NSEC_PER_MSEC)

static DEFINE_SPINLOCK(test_lock);
static DEFINE_MUTEX(test_mutex);
static unsigned long locked_count, mutex_count;		/* counted under the locks */
static unsigned long locked_rounds, mutex_rounds;	/* counted atomically */

static int count_under_locks(void *unused)
{
	u64 end = ktime_get_ns() + LOCKED_NS;
	unsigned long n = 0, taken = 0;

	do {
		spin_lock(&test_lock);
		WRITE_ONCE(locked_count, READ_ONCE(locked_count) + 1);
		spin_unlock(&test_lock);
		if (n++ % 16)
			continue;
		mutex_lock(&test_mutex);
		WRITE_ONCE(mutex_count, READ_ONCE(mutex_count) + 1);
		mutex_unlock(&test_mutex);
		taken++;
	} while (ktime_get_ns() < end);
	__atomic_fetch_add(&locked_rounds, n, __ATOMIC_RELAXED);
	__atomic_fetch_add(&mutex_rounds, taken, __ATOMIC_RELAXED);
	return 0;
}

KTEST(smp, locks_exclude)
{
	locked_count = mutex_count = locked_rounds = mutex_rounds = 0;
	KT_ASSERT(t, on_all_cpus(t, count_under_locks));
	KT_EXPECT_EQ(t, locked_count, locked_rounds);
	KT_EXPECT_EQ(t, mutex_count, mutex_rounds);
}

/*
 * The allocators, and memory that other CPUs have mapped: it is written on one CPU and unmapped on
 * another.
 */
static unsigned int bad_memory;

static int use_memory(void *unused)
{
	unsigned int n;

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

/*
 * As many busy threads as there are CPUs are all made and woken on one CPU: idle CPUs must fetch
 * them.
 */
#define PATIENCE_NS (20 * NSEC_PER_SEC)	/* a busy host may stop a CPU for seconds */

static unsigned int ran_on;

static int run_until_everywhere(void *unused)
{
	u64 deadline = ktime_get_ns() + PATIENCE_NS;
	unsigned int all = (unsigned int)((1ull << nr_cpus_online) - 1);

	while (READ_ONCE(ran_on) != all && ktime_get_ns() < deadline)
		__atomic_fetch_or(&ran_on, 1u << smp_processor_id(), __ATOMIC_RELAXED);
	return 0;
}

KTEST(smp, idle_cpus_take_over)
{
	struct task_struct *task[NR_CPUS] = { NULL };
	unsigned int n, made = 0;

	ran_on = 0;
	for (n = 0; n < nr_cpus_online; n++) {
		task[n] = kthread_create(run_until_everywhere, NULL, "ktest-busy/%u", n);
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

/*
 * A thread that is woken while its CPU is busy is fetched by an idle CPU, each time; no tick makes
 * up for a call that was missed. The CPU that fetched the last one is just becoming idle again.
 */
static bool was_fetched;

static int note_fetched(void *unused)
{
	WRITE_ONCE(was_fetched, true);
	return 0;
}

static bool is_fetched(struct task_struct *task)
{
	u64 deadline = ktime_get_ns() + PATIENCE_NS;

	task->cpus_allowed = ~0ul;
	WRITE_ONCE(was_fetched, false);
	preempt_disable();
	wake_up_process(task);
	while (!READ_ONCE(was_fetched) && ktime_get_ns() < deadline)
		arch_cpu_relax();
	preempt_enable();
	return kthread_join(task) == 0 && ktime_get_ns() < deadline;
}

KTEST(smp, idle_cpus_come_at_once)
{
	unsigned int n;

	if (nr_cpus_online == 1)
		KT_SKIP(t, "one CPU");
	kt_one_cpu(t);
	for (n = 0; n < 60; n++) {
		struct task_struct *task = kthread_create(note_fetched, NULL, "ktest-fetch");

		KT_ASSERT(t, !IS_ERR(task));
		if (!KT_EXPECT(t, is_fetched(task)))
			break;
	}
}

/*
 * A thread that is preempted on its way to sleep, and fetched by an idle CPU, may be woken in that
 * very moment. Whoever holds the lock of its queue must find it there, or it gets into a queue
 * twice. Here it goes back and forth between CPUs 0 and 1, and a thread on CPU 3 looks for it under
 * the locks.
 */
static struct task_struct *dozer;
static struct completion push[2];
static bool enough;
static unsigned int moves, lost;

static int doze(void *unused)
{
	unsigned int n;

	while (!READ_ONCE(enough)) {
		set_current_state(TASK_INTERRUPTIBLE);
		for (n = 0; n < 100; n++)
			arch_cpu_relax();
		set_current_state(TASK_RUNNING);
	}
	return 0;
}

static bool dozes_on(unsigned int cpu)
{
	return READ_ONCE(dozer->cpu) == cpu;
}

/* Runs in the dozer's place until that is on another CPU. */
static int push_away(void *go)
{
	unsigned int n;

	while (!READ_ONCE(enough)) {
		wait_for_completion(go);
		for (n = 0; n < 100000 && dozes_on(smp_processor_id()); n++)
			arch_cpu_relax();
	}
	return 0;
}

static void look_into(struct run_queue *rq, unsigned int cpu)
{
	unsigned int n;
	unsigned long flags;

	spin_lock_irqsave(&rq->lock, flags);
	for (n = 0; n < 200; n++) {
		lost += dozes_on(cpu) && rq->curr != dozer &&
			list_empty(&dozer->run_node);
		arch_cpu_relax();
	}
	spin_unlock_irqrestore(&rq->lock, flags);
}

static int look_for_dozer(void *unused)
{
	unsigned int n;

	for (n = 0; !kthread_should_stop(); n++)
		look_into(&run_queues[n % 2], n % 2);
	return 0;
}

static struct task_struct *start_on(unsigned long mask, int (*fn)(void *data), void *data,
				    long nice)
{
	struct task_struct *task = kthread_create(fn, data, "ktest-doze");

	if (IS_ERR(task))
		return NULL;
	set_user_nice(task, nice);
	task->cpus_allowed = mask;
	task->cpu = (unsigned int)__builtin_ctzl(mask);
	wake_up_process(task);
	return task;
}

/* Pushes the dozer back and forth until it has been fetched @wanted times. */
static void push_to_and_fro(unsigned int wanted, u64 deadline)
{
	while (moves < wanted && ktime_get_ns() < deadline) {
		unsigned int cpu = READ_ONCE(dozer->cpu), n;

		complete(&push[cpu]);
		for (n = 0; n < 1000000 && dozes_on(cpu); n++)
			;
		wake_up_process(dozer);
		moves += !dozes_on(cpu);
	}
}

KTEST(smp, fetched_in_one_piece)
{
	struct task_struct *pusher[2], *looker;
	unsigned int cpu;

	if (nr_cpus_online < 4)
		KT_SKIP(t, "needs four CPUs");
	KT_ASSERT(t, !set_cpus_allowed(1ul << 2));
	WRITE_ONCE(enough, false);
	moves = lost = 0;
	dozer = start_on(3, doze, NULL, 0);
	KT_ASSERT(t, dozer != NULL);
	for (cpu = 0; cpu < 2; cpu++) {
		init_completion(&push[cpu]);
		pusher[cpu] = start_on(1ul << cpu, push_away, &push[cpu], -8);
	}
	looker = start_on(1ul << 3, look_for_dozer, NULL, 0);
	push_to_and_fro(10, ktime_get_ns() + PATIENCE_NS);
	if (KT_EXPECT(t, looker != NULL))
		kthread_stop(looker);
	WRITE_ONCE(enough, true);
	for (cpu = 0; cpu < 2; cpu++) {
		complete(&push[cpu]);
		if (KT_EXPECT(t, pusher[cpu] != NULL))
			kthread_join(pusher[cpu]);
	}
	kthread_join(dozer);
	KT_EXPECT_EQ(t, lost, 0);
	KT_EXPECT(t, moves > 0);
}

/*
 * A thread that is looked at where it waits does not run during that time, although others move
 * from CPU to CPU all the time and their priorities change.
 */
static unsigned int moved_meanwhile;

static int hop(void *unused)
{
	unsigned int n = 0;

	while (!kthread_should_stop())
		set_cpus_allowed(1ul << n++ % nr_cpus_online);
	return 0;
}

static enum inspect_result look_twice(struct task_struct *task, unsigned long sp, void *arg)
{
	unsigned long switches = READ_ONCE(task->nr_switches);
	unsigned int n;

	for (n = 0; n < 500 && task != current && task->thread_fn == hop; n++)
		arch_cpu_relax();
	if (READ_ONCE(task->nr_switches) != switches)
		__atomic_fetch_add(&moved_meanwhile, 1, __ATOMIC_RELAXED);
	return INSPECT_OUTSIDE;
}

KTEST(smp, threads_stand_still_while_looked_at)
{
	struct task_struct *task[4] = { NULL };
	unsigned int n, made;

	if (nr_cpus_online == 1)
		KT_SKIP(t, "one CPU");
	moved_meanwhile = 0;
	set_user_nice(current, -8);
	for (made = 0; made < ARRAY_SIZE(task); made++) {
		task[made] = kthread_run(hop, NULL, "ktest-hop/%u", made);
		if (!KT_EXPECT(t, !IS_ERR(task[made])))
			break;
	}
	for (n = 0; n < 200; n++) {
		struct inspection inspection = { .look = look_twice };

		inspect_threads(&inspection);
		if (made)
			set_user_nice(task[n % made], n % 3);
	}
	for (n = 0; n < made; n++)
		kthread_stop(task[n]);
	set_user_nice(current, 0);
	KT_EXPECT_EQ(t, moved_meanwhile, 0);
}

/* Returns what /proc/interrupts shows for a CPU: the sum of the lines that contain @name. */
static unsigned long interrupts_of(unsigned int cpu, const char *name)
{
	unsigned long count, sum = 0;
	const char *line;
	unsigned int irq;

	for (irq = 0; irq < NR_IRQS; irq++)
		if (irq_info(irq, cpu, &count, &line) && strstr(line, name))
			sum += count;
	return sum;
}

KTEST(smp, interrupts_are_counted_per_cpu)
{
	unsigned int cpu, n;

	kt_one_cpu(t);
	for_each_online_cpu(cpu) {
		unsigned long calls = interrupts_of(cpu, "call");
		unsigned long ticks = interrupts_of(cpu, "timer");

		for (n = 0; n < 10 && cpu; n++)
			smp_call_function_single(cpu, note_call, called_on);
		KT_EXPECT(t, interrupts_of(cpu, "call") >= calls + n);
		KT_WAIT(t, interrupts_of(cpu, "timer") > ticks + 1);
	}
}

/*
 * Attaching interrupts the other CPUs as often as the protocol needs, three times at most, however
 * many sites change. Other code may interrupt them as well, so the fewest calls of some attempts
 * count.
 */
static unsigned long fewest_calls(struct ktest *t, const char *filter)
{
	static struct counter c = COUNTER;
	unsigned long fewest = ~0ul, before;
	unsigned int n;

	for (n = 0; n < 5; n++) {
		before = interrupts_of(1, "call");
		KT_EXPECT_EQ(t, counter_start(&c, filter), 0);
		fewest = min(fewest, interrupts_of(1, "call") - before);
		KT_EXPECT(t, counter_stop(&c));
	}
	return fewest;
}

KTEST(smp, three_interrupts_to_attach)
{
	if (nr_cpus_online == 1)
		KT_SKIP(t, "one CPU");
	kt_one_cpu(t);
	KT_EXPECT(t, fewest_calls(t, "kt_sum") <= 3);
	KT_EXPECT(t, fewest_calls(t, "kt_*") <= 3);
}
