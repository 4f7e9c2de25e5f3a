/* SPDX-License-Identifier: MIT */
/*
 * Ticket spinlocks. All inline and untraced, so that the tracer may use them
 * where it must (never on the hot path). Taking one disables preemption.
 */
#pragma once
#include "kernel/current.h"

typedef struct spinlock {
	u16 next, owner;
} spinlock_t;

#define SPINLOCK_INIT { 0, 0 }
#define DEFINE_SPINLOCK(name) spinlock_t name = SPINLOCK_INIT

static __always_inline void spin_lock_init(spinlock_t *lock)
{
	lock->next = 0;
	lock->owner = 0;
}

static __always_inline void spin_lock(spinlock_t *lock)
{
	u16 ticket;

	preempt_disable();
	ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket)
		arch_cpu_relax();
}

static __always_inline bool spin_trylock(spinlock_t *lock)
{
	u16 owner = __atomic_load_n(&lock->owner, __ATOMIC_RELAXED);

	preempt_disable();
	if (__atomic_compare_exchange_n(&lock->next, &owner, (u16)(owner + 1), false,
					__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return true;
	preempt_enable();
	return false;
}

static __always_inline void spin_unlock(spinlock_t *lock)
{
	__atomic_store_n(&lock->owner, (u16)(lock->owner + 1), __ATOMIC_RELEASE);
	preempt_enable();
}

#define spin_lock_irqsave(lock, flags) do { (flags) = arch_irq_save(); spin_lock(lock); } while (0)
static __always_inline void spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags)
{
	__atomic_store_n(&lock->owner, (u16)(lock->owner + 1), __ATOMIC_RELEASE);
	arch_irq_restore(flags);
	preempt_enable();
}
