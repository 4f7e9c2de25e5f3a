/* SPDX-License-Identifier: MIT */
/* Wait queues, mutexes and completions: everything that a thread can sleep on. */
#pragma once
#include "kernel/sched/sched.h"
#include "kernel/sched/spinlock.h"

typedef struct wait_queue_head {
	spinlock_t lock;
	struct list_head waiters;
} wait_queue_head_t;

struct wait_queue_entry {
	struct list_head node;
	struct task_struct *task;
};

#define DECLARE_WAIT_QUEUE_HEAD(name) \
	wait_queue_head_t name = { __SPIN_LOCK_UNLOCKED(#name), LIST_HEAD_INIT((name).waiters) }
void init_waitqueue_head(wait_queue_head_t *wq);
void prepare_to_wait(wait_queue_head_t *wq, struct wait_queue_entry *entry, unsigned int state);
void finish_wait(wait_queue_head_t *wq, struct wait_queue_entry *entry);
/* Wake all threads that wait on @wq. Any context but NMI. */
void wake_up(wait_queue_head_t *wq);

/* Sleep until @condition holds. Thread context only. */
#define wait_event(wq, condition) do {						\
	struct wait_queue_entry _entry = { .node = LIST_HEAD_INIT(_entry.node) };	\
	for (;;) {								\
		prepare_to_wait(&(wq), &_entry, TASK_UNINTERRUPTIBLE);		\
		if (condition)							\
			break;							\
		schedule();							\
	}									\
	finish_wait(&(wq), &_entry);						\
} while (0)

/* As above for at most @ms; evaluates to true if the condition held. */
#define wait_event_timeout_ms(wq, condition, ms) ({				\
	struct wait_queue_entry _entry = { .node = LIST_HEAD_INIT(_entry.node) };	\
	u64 _left = (u64)(ms) * 1000000;					\
	bool _met;								\
	for (;;) {								\
		prepare_to_wait(&(wq), &_entry, TASK_UNINTERRUPTIBLE);		\
		_met = !!(condition);						\
		if (_met || !_left)						\
			break;							\
		_left = schedule_timeout_ns(_left);				\
	}									\
	finish_wait(&(wq), &_entry);						\
	_met; })

struct mutex {
	spinlock_t lock;
	struct task_struct *owner;
	struct list_head waiters;
#if ASSERTIONS
	struct lockdep_map dep_map;
#endif
};

#define DEFINE_MUTEX(name) struct mutex name = {				\
	__SPIN_LOCK_UNLOCKED(#name ".lock"), NULL, LIST_HEAD_INIT((name).waiters),	\
	LOCKDEP_MUTEX_MAP(#name) }
#if ASSERTIONS
/* Inline, so that lockdep_init_map() knows who makes the mutex. */
void __mutex_init(struct mutex *m);
static __always_inline void mutex_init(struct mutex *m)
{
	__mutex_init(m);
	lockdep_init_map(&m->dep_map, true);
}
#else
void mutex_init(struct mutex *m);
#endif
void mutex_lock(struct mutex *m);	/* thread context, may sleep; panics on self-deadlock */
bool mutex_trylock(struct mutex *m);	/* true if it was free and is now held; does not sleep */
void mutex_unlock(struct mutex *m);	/* panics unless the current thread holds it */
static __always_inline bool mutex_is_held(const struct mutex *m)	/* by the current thread */
{
	return READ_ONCE(m->owner) == current;
}

struct completion {
	unsigned int done;
	wait_queue_head_t wait;
};

#define DECLARE_COMPLETION(name) \
	struct completion name = { 0, { __SPIN_LOCK_UNLOCKED(#name),		\
				       LIST_HEAD_INIT((name).wait.waiters) } }
void init_completion(struct completion *c);
void complete(struct completion *c);	/* any context but NMI */
void wait_for_completion(struct completion *c);	/* thread context, may sleep */
