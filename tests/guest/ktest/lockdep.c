/* SPDX-License-Identifier: MIT */
/*
 * The lock validator, in images that have it. Each kind of fault is made with locks that nobody
 * else has, one after the other, so that nothing really waits, and the report is checked. All other
 * suites show that it reports nothing about the kernel's own locks. Untraced, because reports are.
 */
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/nmi.h"
#include "kernel/sched/current.h"
#include "kernel/sched/wait.h"
#include "kernel/smp.h"
#include "tests/guest/ktest/ktest.h"

static char said[2048];
static unsigned int nr_said;

static void keep_report(const char *report)
{
	nr_said++;
	strscpy(said, report, sizeof(said));
}

/* Between these two calls, reports are kept and do not end the machine. */
static void listen(void)
{
	nr_said = 0;
	said[0] = '\0';
	lockdep_set_reporter(keep_report);
}

static void expect_report(struct ktest *t, const char *fault, const char *const *parts)
{
	lockdep_set_reporter(NULL);
	KT_EXPECT_EQ(t, nr_said, 1);
	if (strncmp(said, fault, strlen(fault)))
		ktest_fail(t, __FILE__, __LINE__, "\"%s\" does not begin with \"%s\"", said, fault);
	for (; parts && *parts; parts++)
		if (!strstr(said, *parts))
			ktest_fail(t, __FILE__, __LINE__, "\"%s\" is not in: %s", *parts, said);
}

static void expect_silence(struct ktest *t)
{
	lockdep_set_reporter(NULL);
	if (nr_said)
		ktest_fail(t, __FILE__, __LINE__, "%u reports, the last: %s", nr_said, said);
}

#define PARTS(parts...) ((const char *const[]){ parts, NULL })

static __always_inline void take_spins(spinlock_t *first, spinlock_t *second)
{
	spin_lock(first);
	spin_lock(second);
	spin_unlock(second);
	spin_unlock(first);
}

static DEFINE_SPINLOCK(spin_a);
static DEFINE_SPINLOCK(spin_b);

static noinline void take_a_then_b(void)
{
	take_spins(&spin_a, &spin_b);
}

static noinline void take_b_then_a(void)
{
	take_spins(&spin_b, &spin_a);
}

KTEST(lockdep, two_orders)
{
	listen();
	take_a_then_b();
	take_a_then_b();
	expect_silence(t);
	listen();
	take_b_then_a();
	expect_report(t, "locks are taken in different orders", PARTS("spin_a", "spin_b",
		      "take_a_then_b", "take_b_then_a", "but before"));
	/* It is reported each time, and the order that came first stays the right one. */
	listen();
	take_b_then_a();
	expect_report(t, "locks are taken in different orders", NULL);
	listen();
	take_a_then_b();
	expect_silence(t);
}

static DEFINE_MUTEX(mutex_a);
static DEFINE_MUTEX(mutex_b);
static DEFINE_MUTEX(mutex_c);

static __always_inline void take_mutexes(struct mutex *first, struct mutex *second)
{
	mutex_lock(first);
	mutex_lock(second);
	mutex_unlock(second);
	mutex_unlock(first);
}

/* No two of the three locks are taken in both orders. Another thread closes the ring. */
static int close_ring(void *unused)
{
	take_mutexes(&mutex_c, &mutex_a);
	return 0;
}

KTEST(lockdep, ring_of_three_mutexes)
{
	struct task_struct *task;

	listen();
	take_mutexes(&mutex_a, &mutex_b);
	take_mutexes(&mutex_b, &mutex_c);
	expect_silence(t);
	listen();
	task = kthread_run(close_ring, NULL, "ktest-ring");
	KT_ASSERT(t, !IS_ERR(task));
	kthread_join(task);
	expect_report(t, "locks are taken in different orders: ktest-ring",
		      PARTS("mutex_a (", "mutex_b (", "mutex_c (", "close_ring",
			    "ring_of_three_mutexes"));
}

KTEST(lockdep, trylock_has_no_order)
{
	static DEFINE_MUTEX(first);
	static DEFINE_MUTEX(second);
	static DEFINE_SPINLOCK(spin_first);
	static DEFINE_SPINLOCK(spin_second);

	listen();
	take_mutexes(&first, &second);
	mutex_lock(&second);
	KT_EXPECT(t, mutex_trylock(&first));
	mutex_unlock(&first);
	mutex_unlock(&second);
	take_spins(&spin_first, &spin_second);
	spin_lock(&spin_second);
	KT_EXPECT(t, spin_trylock(&spin_first));
	spin_unlock(&spin_first);
	spin_unlock(&spin_second);
	expect_silence(t);
}

/* These locks have one class, because the same line makes them. */
static noinline void make_spin(spinlock_t *lock)
{
	spin_lock_init(lock);
}

KTEST(lockdep, two_of_one_class)
{
	spinlock_t *locks = kcalloc(2, sizeof(*locks), GFP_KERNEL);

	KT_ASSERT(t, locks);
	make_spin(&locks[0]);
	make_spin(&locks[1]);
	listen();
	take_spins(&locks[0], &locks[1]);
	expect_report(t, "two locks of one class", PARTS("make_spin", "two_of_one_class"));
	kfree(locks);
}

KTEST(lockdep, released_but_not_held)
{
	static DEFINE_SPINLOCK(lock);

	spin_lock(&lock);
	spin_unlock(&lock);
	listen();
	preempt_disable();
	spin_unlock(&lock);
	expect_report(t, "a lock is released that is not held", PARTS("lock (", "released_but"));
}

KTEST(lockdep, never_initialised)
{
	spinlock_t *lock = kzalloc(sizeof(*lock), GFP_KERNEL);

	KT_ASSERT(t, lock);
	listen();
	spin_lock(lock);
	spin_unlock(lock);
	lockdep_set_reporter(NULL);
	KT_EXPECT(t, nr_said);
	KT_EXPECT(t, strstr(said, "never initialised"));
	kfree(lock);
}

/* Does it as an interrupt handler does: the entry code counts, and interrupts are off. */
static void in_interrupt_do(void (*fn)(void *arg), void *arg)
{
	unsigned long flags = arch_irq_save();

	irq_enter();
	fn(arg);
	irq_exit();
	arch_irq_restore(flags);
}

static noinline void handle_with_lock(void *lock)
{
	spin_lock(lock);
	spin_unlock(lock);
}

KTEST(lockdep, interrupt_takes_what_is_held_with_interrupts_on)
{
	static DEFINE_SPINLOCK(lock);

	listen();
	in_interrupt_do(handle_with_lock, &lock);
	expect_silence(t);
	listen();
	spin_lock(&lock);
	spin_unlock(&lock);
	expect_report(t, "an interrupt could wait for whom it interrupts",
		      PARTS("lock (", "taken in an interrupt at handle_with_lock",
			    "held with interrupts on at"));
}

KTEST(lockdep, interrupt_saved_is_right)
{
	static DEFINE_SPINLOCK(lock);
	unsigned long flags;

	listen();
	in_interrupt_do(handle_with_lock, &lock);
	spin_lock_irqsave(&lock, flags);
	spin_unlock_irqrestore(&lock, flags);
	expect_silence(t);
	/* Switching them on before it is released is as bad as having them on when it is taken. */
	listen();
	spin_lock_irqsave(&lock, flags);
	arch_irq_restore(flags);
	spin_unlock(&lock);
	expect_report(t, "an interrupt could wait", NULL);
}

/*
 * The lock that interrupts take is held while another lock is waited for, which is taken with
 * interrupts on.
 */
KTEST(lockdep, interrupt_waits_through_another_lock)
{
	static DEFINE_SPINLOCK(outer);
	static DEFINE_SPINLOCK(inner);
	unsigned long flags;

	listen();
	in_interrupt_do(handle_with_lock, &outer);
	spin_lock(&inner);
	spin_unlock(&inner);
	expect_silence(t);
	listen();
	flags = arch_irq_save();
	take_spins(&outer, &inner);
	arch_irq_restore(flags);
	expect_report(t, "an interrupt could wait", PARTS("outer (", "inner (", "was held when"));
}

static void nmi_takes_lock(void *lock)
{
	unsigned long flags = arch_irq_save();

	nmi_enter();
	handle_with_lock(lock);
	nmi_exit();
	arch_irq_restore(flags);
}

KTEST(lockdep, nmi_takes_what_others_take)
{
	static DEFINE_SPINLOCK(lock);
	unsigned long flags;

	listen();
	spin_lock_irqsave(&lock, flags);
	spin_unlock_irqrestore(&lock, flags);
	nmi_takes_lock(&lock);
	expect_silence(t);
	/* An NMI cannot report; the next one to take the lock does. */
	listen();
	spin_lock_irqsave(&lock, flags);
	spin_unlock_irqrestore(&lock, flags);
	expect_report(t, "an NMI could wait", PARTS("lock (", "taken in an NMI"));
}

static void do_nothing(void *unused)
{
}

KTEST(lockdep, call_with_a_lock_that_is_waited_for_with_interrupts_off)
{
	static DEFINE_SPINLOCK(lock);
	unsigned long flags;

	if (nr_cpus_online < 2)
		KT_SKIP(t, "needs 2 CPUs");
	listen();
	spin_lock_irqsave(&lock, flags);
	spin_unlock_irqrestore(&lock, flags);
	expect_silence(t);
	listen();
	spin_lock(&lock);
	smp_call_function(do_nothing, NULL);
	spin_unlock(&lock);
	expect_report(t, "a CPU that waits with interrupts off answers no call",
		      PARTS("lock (", "held while other CPUs are called"));
}

KTEST(lockdep, sleeps_with_a_spinlock)
{
	static DEFINE_SPINLOCK(lock);
	static DEFINE_MUTEX(mutex);

	listen();
	spin_lock(&lock);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	spin_unlock(&lock);
	expect_report(t, "sleeps with preemption or interrupts off",
		      PARTS("mutex.c", "held: lock (", "interrupts on"));
}

KTEST(lockdep, sleeps_with_interrupts_off)
{
	static DECLARE_COMPLETION(done);
	unsigned long flags;

	complete(&done);
	listen();
	flags = arch_irq_save();
	might_sleep();
	arch_irq_restore(flags);
	expect_report(t, "sleeps with preemption or interrupts off",
		      PARTS("ktest/lockdep.c", "interrupts off"));
	listen();
	wait_for_completion(&done);
	expect_silence(t);
}

static struct mutex kept;

static int keep_mutex(void *unused)
{
	mutex_lock(&kept);
	return 0;
}

KTEST(lockdep, thread_ends_with_a_mutex)
{
	struct task_struct *task;

	mutex_init(&kept);
	listen();
	task = kthread_run(keep_mutex, NULL, "ktest-keeps");
	KT_ASSERT(t, !IS_ERR(task));
	kthread_join(task);
	expect_report(t, "a thread ends that holds mutexes: ktest-keeps", PARTS("keep_mutex"));
}

/* The table of classes has a fixed size, and what a boot uses must be far below it. */
KTEST(lockdep, tables_have_room)
{
	KT_EXPECT(t, !lockdep_tables_full());
	KT_EXPECT(t, lockdep_classes() < 192);
	ktest_note(t, "%u classes of locks", lockdep_classes());
}
