/* SPDX-License-Identifier: MIT */
/*
 * Wait queues. A waiter first puts an entry on the queue and sets its state, then checks its
 * condition, then sleeps. In this order a wake-up in between is not lost. The waker takes the entry
 * off the queue, so that a thread is woken only once for each sleep.
 */
#include "kernel/lockdep.h"

void init_waitqueue_head(wait_queue_head_t *wq)
{
	spin_lock_init(&wq->lock);
	INIT_LIST_HEAD(&wq->waiters);
}

void prepare_to_wait(wait_queue_head_t *wq, struct wait_queue_entry *entry, unsigned int state)
{
	unsigned long flags;

	might_sleep();
	spin_lock_irqsave(&wq->lock, flags);
	entry->task = current;
	if (list_empty(&entry->node))
		list_add_tail(&entry->node, &wq->waiters);
	set_current_state(state);
	spin_unlock_irqrestore(&wq->lock, flags);
	smp_mb();	/* the state is seen before the condition is read */
}

/*
 * Takes the lock even if the entry is off the queue, because the waker may still hold it, and @wq
 * may be freed as soon as this returns.
 */
void finish_wait(wait_queue_head_t *wq, struct wait_queue_entry *entry)
{
	unsigned long flags;

	set_current_state(TASK_RUNNING);
	spin_lock_irqsave(&wq->lock, flags);
	list_del_init(&entry->node);
	spin_unlock_irqrestore(&wq->lock, flags);
}

static void wake_first(wait_queue_head_t *wq)
{
	struct wait_queue_entry *entry;

	lockdep_assert_held(&wq->lock);
	entry = list_first_entry(&wq->waiters, struct wait_queue_entry, node);
	list_del_init(&entry->node);
	wake_up_process(entry->task);
}

void wake_up(wait_queue_head_t *wq)
{
	unsigned long flags;

	smp_mb();	/* the caller's write of the condition comes before this reads the queue */
	spin_lock_irqsave(&wq->lock, flags);
	/* Wakes all, because the queue does not know whose condition has become true. */
	while (!list_empty(&wq->waiters))
		wake_first(wq);
	spin_unlock_irqrestore(&wq->lock, flags);
}
