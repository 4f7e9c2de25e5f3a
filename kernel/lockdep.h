/* SPDX-License-Identifier: MIT */
/*
 * Demands that a function makes on its caller, asserted: what a comment says of locks, interrupts
 * and preemption stands in the code too. With Meson's option `assertions` a broken demand is a
 * panic that names it; without it, nothing of this is in the image. Usable wherever spinlocks are,
 * in untraced code as well.
 */
#pragma once
#include "kernel/bug.h"
#include "kernel/sched/wait.h"

#if ASSERTIONS
#define assert_demand(cond, what) do {						\
	if (unlikely(!(cond)))							\
		panic("%s at %s:%d", what, __FILE__, __LINE__);			\
} while (0)
#else
#define assert_demand(cond, what) do { (void)sizeof(cond); } while (0)
#endif

/* @l: a mutex that the running thread holds, or a spinlock that this CPU holds. */
#define lockdep_assert_held(l)							\
	assert_demand(_Generic((l),						\
		struct mutex *: mutex_is_held,					\
		const struct mutex *: mutex_is_held,				\
		spinlock_t *: spin_is_held)(l), "lock not held: " #l)

#define assert_irqs_off()							\
	assert_demand(arch_irqs_disabled(), "interrupts are on")

/*
 * For what waits until other CPUs have answered: they may wait for this one at the same time.
 * Thread 0 is exempt, as below.
 */
#define assert_irqs_on()							\
	assert_demand(!current->pid || !arch_irqs_disabled(), "interrupts are off")

/* Nothing else runs on this CPU meanwhile but interrupts, which need not be off. */
#define assert_preempt_off()							\
	assert_demand(preempt_count() || arch_irqs_disabled(), "preemption is on")

/*
 * For what can sleep, though it seldom does: the first call from where that is forbidden is told.
 * Thread 0 is exempt. It boots with interrupts off, when there is nobody whom it could wait for.
 */
#define might_sleep()								\
	assert_demand(!current->pid || (!preempt_count() && !arch_irqs_disabled()),	\
		      "sleeps with preemption or interrupts off")
