/* SPDX-License-Identifier: MIT */
/*
 * What a lock knows of itself for the lock validator (lockdep.c), and the calls by which locks tell
 * it what is done with them. In kernels without Meson's option `assertions` there is nothing here.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

#ifndef ASSERTIONS
#define ASSERTIONS 0			/* Meson's option `assertions` */
#endif

/* How a lock is taken. */
enum lock_wait {
	LOCK_TRIES,			/* only if it is free */
	LOCK_SPINS,
	LOCK_SLEEPS,
};

#if ASSERTIONS
/*
 * Locks in the image's or a module's data are each a class of their own. All others are in one
 * class with those that the same code makes: `made_at` tells it of locks that are made by a call,
 * and `name` of those that are made by a macro.
 */
struct lockdep_map {
	const char *name;
	unsigned long made_at;
	u16 class;			/* found when it is first taken; 0: not yet */
	bool sleeps;			/* it belongs to a mutex */
};

#define LOCKDEP_NAME(name_) name_ " (" __FILE__ ":" __stringify(__LINE__) ")"
#define LOCKDEP_SPIN_MAP(name_) .dep_map = { .name = LOCKDEP_NAME(name_) }
#define LOCKDEP_MUTEX_MAP(name_) .dep_map = { .name = LOCKDEP_NAME(name_), .sleeps = true }

#define MAX_HELD_LOCKS 12		/* spinlocks by a CPU, or mutexes by a thread */

struct held_lock {
	struct lockdep_map *map;
	unsigned long ip;		/* where it was taken */
	u16 class;
	bool in_irq;			/* by an interrupt handler */
	bool irqs_off;
};

struct held_locks {
	unsigned int nr;
	struct held_lock locks[MAX_HELD_LOCKS];
};

/*
 * Any context, untraced. The caller is who makes the lock; behind a call that a function ends with,
 * it would be the function's caller.
 */
void __lockdep_init_map(struct lockdep_map *map, bool sleeps);
static __always_inline void lockdep_init_map(struct lockdep_map *map, bool sleeps)
{
	__lockdep_init_map(map, sleeps);
	barrier();
}

/*
 * The lock is about to be taken, with LOCK_TRIES it has been; @ip is where, 0 stands for the
 * caller. And it is about to be released. Any context, untraced; for a spinlock, preemption is off.
 */
void lock_acquire(struct lockdep_map *map, enum lock_wait wait, unsigned long ip);
void lock_release(struct lockdep_map *map);
#else
#define LOCKDEP_SPIN_MAP(name_)
#define LOCKDEP_MUTEX_MAP(name_)
#define lockdep_init_map(map, sleeps) do { } while (0)
#define lock_acquire(map, wait, ip) do { } while (0)
#define lock_release(map) do { } while (0)
#endif
