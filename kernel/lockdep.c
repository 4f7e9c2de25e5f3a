/* SPDX-License-Identifier: MIT */
/*
 * The lock validator, in kernels with Meson's option `assertions`. It watches how locks are used
 * and reports what could deadlock, even if it did not deadlock this time:
 *
 *   - two locks, or a ring of several, that are taken in different orders
 *   - a lock that is taken again by who holds it, or together with another one of its class
 *   - a spinlock that an interrupt takes, directly or after others, and that was held elsewhere
 *     with interrupts on; the same for NMIs
 *   - a spinlock that is held while other CPUs are called, and that was waited for with interrupts
 *     off: a CPU that waits so does not answer
 *   - sleeping with preemption or interrupts off
 *   - releasing what is not held, ending with a mutex held, and locks that were never initialised
 *
 * This file keeps what is held now, spinlocks by CPU and mutexes by thread; lockdep_graph.c keeps
 * what was seen. It does not know of locks that are waited for in other ways: completions, and
 * threads that join others. A trylock waits for nobody, so it is recorded as held, but never as
 * waited for.
 *
 * It is untraced and has interrupts off, so that it is never entered again on the same CPU, except
 * by an NMI, for which it only sets a bit.
 */
#include "kernel/bug.h"
#include "kernel/lockdep_internal.h"
#include "kernel/printk_internal.h"
#include "kernel/sched/percpu.h"

static DEFINE_PER_CPU(struct held_locks, cpu_spinlocks);

static void report_twice(const struct held_lock *held, const struct held_lock *taken)
{
	lockdep_begin_fault(held->map == taken->map ? "a lock is taken by who holds it" :
			    "two locks of one class are taken, in any order");
	lockdep_say("  ");
	lockdep_say_class(taken->class);
	lockdep_say(", taken at %pS,\n    is taken again at %pS\n", (void *)held->ip,
		    (void *)taken->ip);
	lockdep_end_fault();
}

/* @taken is to be waited for while those in @list are held. */
static void note_order(const struct held_locks *list, const struct held_lock *taken)
{
	for (unsigned int i = 0; i < list->nr; i++) {
		const struct held_lock *held = &list->locks[i];

		/* What the interrupted thread holds is not held by who waits: see USED_IN_IRQ. */
		if (held->map == taken->map ||
		    (held->class == taken->class && held->in_irq == taken->in_irq))
			report_twice(held, taken);
		else if (held->in_irq == taken->in_irq && held->class)
			lockdep_note_edge(held, taken);
	}
}

static void note_usages(const struct held_lock *taken, enum lock_wait wait)
{
	if (wait == LOCK_SPINS && taken->in_irq)
		lockdep_note_usage(taken->class, USED_IN_IRQ, taken->ip);
	/* Thread 0 boots with interrupts off, while there is nobody that it could wait for. */
	if (wait == LOCK_SPINS && taken->irqs_off && current->pid)
		lockdep_note_usage(taken->class, WAITED_IRQS_OFF, taken->ip);
	if (!taken->irqs_off)
		lockdep_note_usage(taken->class, HELD_IRQS_ON, taken->ip);
	/* A bit that an NMI has set is looked at here. */
	lockdep_check_nmi(taken->class, taken->ip);
}

static void push(struct held_locks *list, const struct held_lock *taken)
{
	if (likely(list->nr < MAX_HELD_LOCKS)) {
		list->locks[list->nr++] = *taken;
		return;
	}
	lockdep_begin_fault("too many locks are held");
	lockdep_say_held(list);
	lockdep_end_fault();
}

void lock_acquire(struct lockdep_map *map, enum lock_wait wait, unsigned long ip)
{
	struct held_lock taken = {
		.map = map, .ip = ip ? ip : _RET_IP_, .irqs_off = arch_irqs_disabled(),
	};
	struct held_locks *list;
	unsigned long flags;

	if (unlikely(oops_in_progress()))
		return;
	if (unlikely(in_nmi())) {
		taken.class = READ_ONCE(map->class);
		if (wait != LOCK_TRIES && taken.class)
			lockdep_note_nmi(taken.class, taken.ip);
		return;
	}
	flags = arch_irq_save();
	list = map->sleeps ? &current->mutexes : this_cpu_ptr(cpu_spinlocks);
	taken.class = (u16)lockdep_class_of(map);
	taken.in_irq = in_hardirq();
	if (likely(taken.class)) {
		/* A spinlock and a mutex have one order only: the mutex sleeps, so it is first. */
		if (wait != LOCK_TRIES)
			note_order(list, &taken);
		if (!map->sleeps)
			note_usages(&taken, wait);
	}
	push(list, &taken);
	arch_irq_restore(flags);
}

/* Takes the lock off the list, as *@held; false if it is not there. */
static bool pull(struct held_locks *list, const struct lockdep_map *map, struct held_lock *held)
{
	unsigned int i = list->nr;

	while (i && list->locks[i - 1].map != map)
		i--;
	if (!i)
		return false;
	*held = list->locks[i - 1];
	for (; i < list->nr; i++)
		list->locks[i - 1] = list->locks[i];
	list->nr--;
	return true;
}

void lock_release(struct lockdep_map *map)
{
	struct held_locks *list;
	struct held_lock held;
	unsigned long flags;
	bool irqs_off = arch_irqs_disabled();

	if (unlikely(oops_in_progress() || in_nmi()))
		return;
	flags = arch_irq_save();
	list = map->sleeps ? &current->mutexes : this_cpu_ptr(cpu_spinlocks);
	if (likely(pull(list, map, &held))) {
		/* Interrupts may have been enabled after the lock was taken. */
		if (!map->sleeps && held.irqs_off && !irqs_off && held.class)
			lockdep_note_usage(held.class, HELD_IRQS_ON, _RET_IP_);
	} else {
		lockdep_begin_fault("a lock is released that is not held");
		lockdep_say("  ");
		lockdep_say_class(map->class);
		lockdep_say(", released at %pS\n", (void *)_RET_IP_);
		lockdep_say_held(list);
		lockdep_end_fault();
	}
	arch_irq_restore(flags);
}

void lockdep_calls_cpus(void)
{
	const struct held_locks *list;
	unsigned long flags;

	if (unlikely(oops_in_progress() || in_nmi()))
		return;
	flags = arch_irq_save();
	list = this_cpu_ptr(cpu_spinlocks);
	for (unsigned int i = 0; i < list->nr; i++)
		if (list->locks[i].class)
			lockdep_note_usage(list->locks[i].class, HELD_IN_CALL, list->locks[i].ip);
	arch_irq_restore(flags);
}

void __might_sleep(const char *file, int line)
{
	bool irqs_off = arch_irqs_disabled();
	unsigned long flags;

	if (likely(!current->pid || (!preempt_count() && !irqs_off)) || oops_in_progress())
		return;
	flags = arch_irq_save();
	lockdep_begin_fault("sleeps with preemption or interrupts off");
	lockdep_say("  at %s:%d, preempt count 0x%x, interrupts %s\n", file, line, preempt_count(),
		    irqs_off ? "off" : "on");
	lockdep_say_held(this_cpu_ptr(cpu_spinlocks));
	lockdep_end_fault();
	arch_irq_restore(flags);
}

void lockdep_thread_ends(void)
{
	unsigned long flags;

	if (likely(!current->mutexes.nr))
		return;
	flags = arch_irq_save();
	lockdep_begin_fault("a thread ends that holds mutexes");
	lockdep_say_held(&current->mutexes);
	lockdep_end_fault();
	arch_irq_restore(flags);
}
