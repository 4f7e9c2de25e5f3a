/* SPDX-License-Identifier: MIT */
/*
 * Assertions for what a function requires of its caller: locks, interrupts, preemption; and the
 * lock validator, which finds locks that are used in a way that could deadlock (lockdep.c). In a
 * kernel built with Meson's option `assertions`, a violation panics with a message that names the
 * requirement; without the option they generate no code. They may be used wherever spinlocks may,
 * also in untraced code.
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

/* @l is a mutex that the current thread must hold, or a spinlock that this CPU must hold. */
#define lockdep_assert_held(l)							\
	assert_demand(_Generic((l),						\
		struct mutex *: mutex_is_held,					\
		const struct mutex *: mutex_is_held,				\
		spinlock_t *: spin_is_held,					\
		const spinlock_t *: spin_is_held)(l), "lock not held: " #l)

#define assert_irqs_off()							\
	assert_demand(arch_irqs_disabled(), "interrupts are on")

/*
 * For functions that wait until other CPUs have answered an interrupt: those CPUs may be waiting
 * for this one at the same time, and it can answer only with interrupts on. Thread 0 is exempt, as
 * in might_sleep().
 */
#define assert_irqs_on()							\
	assert_demand(!current->pid || !arch_irqs_disabled(), "interrupts are off")

/* For functions during which no other thread may run on this CPU; interrupts may. */
#define assert_preempt_off()							\
	assert_demand(preempt_count() || arch_irqs_disabled(), "preemption is on")

/*
 * For functions that may sleep, even if they seldom do: it reports the first call from a context
 * where sleeping is forbidden, whether or not that call would have slept. Thread 0 is exempt,
 * because it boots with interrupts off, at a time when there is nothing that it could wait for.
 */
#if ASSERTIONS
#define might_sleep() __might_sleep(__FILE__, __LINE__)
void __might_sleep(const char *file, int line);
#else
#define might_sleep() do { } while (0)
#endif

#if ASSERTIONS
/* This CPU is about to wait until others have answered an interrupt. Preemption is off. */
void lockdep_calls_cpus(void);
/* The current thread ends: it holds no mutex. */
void lockdep_thread_ends(void);
/* Memory with code, names or data of locks is about to be freed. Any context but NMI. */
void lockdep_free_key_range(unsigned long start, size_t size);
/*
 * Pass reports to @fn instead of ending the machine; NULL ends it again. @fn is called with
 * interrupts off, and must not take locks or be traced; then what was reported goes on.
 */
typedef void (*lockdep_reporter_t)(const char *report);
void lockdep_set_reporter(lockdep_reporter_t fn);
/* How many classes of locks are known; and have there been more than there is room for? */
unsigned int lockdep_classes(void);
bool lockdep_tables_full(void);
#else
#define lockdep_calls_cpus() do { } while (0)
#define lockdep_thread_ends() do { } while (0)
#define lockdep_free_key_range(start, size) do { } while (0)
#endif
