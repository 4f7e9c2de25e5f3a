/* SPDX-License-Identifier: MIT */
/*
 * Completions: "this has happened", counted, for any number of waiters. Unlike
 * a bare wait queue they remember a complete() that came before the wait.
 */
#include "kernel/lockdep.h"

void init_completion(struct completion *c)
{
	c->done = 0;
	init_waitqueue_head(&c->wait);
}

/* The waiter may own @c's memory and give it up as soon as the lock is released. */
void complete(struct completion *c)
{
	struct wait_queue_entry *entry;
	unsigned long flags;

	spin_lock_irqsave(&c->wait.lock, flags);
	c->done++;
	if (!list_empty(&c->wait.waiters)) {
		/* One completion is for one waiter, and the others would find nothing. */
		entry = list_first_entry(&c->wait.waiters, struct wait_queue_entry, node);
		list_del_init(&entry->node);
		wake_up_process(entry->task);
	}
	spin_unlock_irqrestore(&c->wait.lock, flags);
}

static bool take_one(struct completion *c)
{
	unsigned long flags;
	bool taken;

	spin_lock_irqsave(&c->wait.lock, flags);
	taken = c->done > 0;
	c->done -= taken;
	spin_unlock_irqrestore(&c->wait.lock, flags);
	return taken;
}

void wait_for_completion(struct completion *c)
{
	might_sleep();
	wait_event(c->wait, take_one(c));
}
