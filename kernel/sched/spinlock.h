/* SPDX-License-Identifier: MIT */
/*
 * Spinlocks. They are inline and untraced, so that the tracer may use them off its hot path. Taking
 * one disables preemption.
 *
 * They are not queued (not "ticket" locks): a CPU that finds the lock free takes it. In a virtual
 * machine the host may not be running the CPU that is next in a queue, and all others would have to
 * wait for the host each time. For fairness a newcomer first gives the CPUs that wait already a
 * chance to take the lock, for about as long as a running one needs (SPIN_COURTESY).
 */
#pragma once
#include "kernel/lockdep_types.h"
#include "kernel/sched/current.h"

#define SPIN_COURTESY 100

typedef struct spinlock {
	u16 locked;
	u16 waiting;			/* number of CPUs that wait for it */
#if ASSERTIONS
	u16 holder;			/* number of the CPU that holds it, plus 1 */
	struct lockdep_map dep_map;
#endif
} spinlock_t;

#define __SPIN_LOCK_UNLOCKED(name) { .locked = 0, LOCKDEP_SPIN_MAP(name) }
#define SPINLOCK_INIT __SPIN_LOCK_UNLOCKED("spinlock")
#define DEFINE_SPINLOCK(name) spinlock_t name = __SPIN_LOCK_UNLOCKED(#name)

static __always_inline void spin_lock_init(spinlock_t *lock)
{
	*lock = (spinlock_t){ .locked = 0 };
	lockdep_init_map(&lock->dep_map, false);
}

/*
 * The holder is a CPU, not a thread: across a switch, the thread that is switched out has taken the
 * run queue's lock, and the thread that is switched in releases it.
 */
#if ASSERTIONS
static __always_inline void spin_set_holder(spinlock_t *lock, unsigned int holder)
{
	WRITE_ONCE(lock->holder, (u16)holder);
}

static __always_inline bool spin_is_held(const spinlock_t *lock)
{
	return READ_ONCE(lock->holder) == smp_processor_id() + 1;
}
#else
#define spin_set_holder(lock, holder) do { } while (0)
bool spin_is_held(const spinlock_t *lock);	/* only for sizeof: kernel/lockdep.h */
#endif

static __always_inline bool spin_take(spinlock_t *lock)
{
	return !__atomic_load_n(&lock->locked, __ATOMIC_RELAXED) &&
	       !__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE);
}

static __always_inline void spin_lock(spinlock_t *lock)
{
	unsigned int n;

	preempt_disable();
	lock_acquire(&lock->dep_map, LOCK_SPINS, 0);
	/* Those who wait may try first, or a CPU that takes the lock often would starve them. */
	for (n = 0; n < SPIN_COURTESY && unlikely(READ_ONCE(lock->waiting)); n++)
		arch_cpu_relax();
	if (likely(spin_take(lock))) {
		spin_set_holder(lock, smp_processor_id() + 1);
		return;
	}
	__atomic_fetch_add(&lock->waiting, 1, __ATOMIC_RELAXED);
	while (!spin_take(lock))
		arch_cpu_relax();
	__atomic_fetch_sub(&lock->waiting, 1, __ATOMIC_RELAXED);
	spin_set_holder(lock, smp_processor_id() + 1);
}

static __always_inline bool spin_trylock(spinlock_t *lock)
{
	preempt_disable();
	if (spin_take(lock)) {
		lock_acquire(&lock->dep_map, LOCK_TRIES, 0);
		spin_set_holder(lock, smp_processor_id() + 1);
		return true;
	}
	preempt_enable();
	return false;
}

static __always_inline void spin_unlock(spinlock_t *lock)
{
	lock_release(&lock->dep_map);
	spin_set_holder(lock, 0);
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
	preempt_enable();
}

#define spin_lock_irqsave(lock, flags) do { (flags) = irq_save(); spin_lock(lock); } while (0)
static __always_inline void spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags)
{
	lock_release(&lock->dep_map);
	spin_set_holder(lock, 0);
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
	irq_restore(flags);
	preempt_enable();
}
