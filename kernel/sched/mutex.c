/* SPDX-License-Identifier: MIT */
/*
 * Mutexes: sleeping locks for thread context. Unlocking hands the mutex directly to the thread that
 * has waited longest, so that no other can overtake it. There is no priority inheritance.
 */
#include "kernel/lockdep.h"

struct mutex_waiter {
	struct list_head node;
	struct task_struct *task;
};

#if ASSERTIONS
#define mutex_init __mutex_init		/* see wait.h */
#endif

void mutex_init(struct mutex *m)
{
	spin_lock_init(&m->lock);
	m->owner = NULL;
	INIT_LIST_HEAD(&m->waiters);
}

/* Called with m->lock held. Returns with it released and with the mutex held. */
static void mutex_wait(struct mutex *m)
{
	struct mutex_waiter waiter = { .task = current };

	lockdep_assert_held(&m->lock);
	list_add_tail(&waiter.node, &m->waiters);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		/*
		 * The state is set before the lock is released, so that a hand-over from here on
		 * makes schedule() return at once.
		 */
		spin_unlock(&m->lock);
		schedule();
		spin_lock(&m->lock);
		if (m->owner == current)
			break;
	}
	spin_unlock(&m->lock);
}

void mutex_lock(struct mutex *m)
{
	if (unlikely(in_interrupt()))
		panic("mutex_lock() in interrupt context");
	might_sleep();
	lock_acquire(&m->dep_map, LOCK_SLEEPS, _RET_IP_);
	spin_lock(&m->lock);
	if (likely(!m->owner)) {
		m->owner = current;
		spin_unlock(&m->lock);
		return;
	}
	if (unlikely(m->owner == current))
		panic("mutex_lock(): %s (pid %d) holds it already", current->comm,
		      (int)current->pid);
	mutex_wait(m);
}

bool mutex_trylock(struct mutex *m)
{
	bool taken;

	spin_lock(&m->lock);
	taken = !m->owner;
	if (taken)
		m->owner = current;
	spin_unlock(&m->lock);
	if (taken)
		lock_acquire(&m->dep_map, LOCK_TRIES, _RET_IP_);
	return taken;
}

void mutex_unlock(struct mutex *m)
{
	struct mutex_waiter *waiter;

	spin_lock(&m->lock);
	if (unlikely(m->owner != current))
		panic("mutex_unlock() by %s (pid %d), which does not hold it", current->comm,
		      (int)current->pid);
	lock_release(&m->dep_map);
	if (list_empty(&m->waiters)) {
		m->owner = NULL;
	} else {
		/*
		 * The owner changes without the mutex being free in between, so that a newcomer
		 * cannot take it before the thread that has waited longest.
		 */
		waiter = list_first_entry(&m->waiters, struct mutex_waiter, node);
		list_del_init(&waiter->node);
		m->owner = waiter->task;
		wake_up_process(waiter->task);
	}
	spin_unlock(&m->lock);
}
