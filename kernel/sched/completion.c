/* SPDX-License-Identifier: MIT */
/*
 * Completions: counted notifications that something has happened. Each complete() lets one waiter
 * go on, and unlike a wake-up of a bare wait queue it is remembered if nobody waits yet.
 */
#include "kernel/lockdep.h"

void init_completion(struct completion *c)
{
	c->done = 0;
	init_waitqueue_head(&c->wait);
}

/* After the lock is released @c is not touched, because the waiter may free its memory then. */
void complete(struct completion *c)
{
	struct wait_queue_entry *entry;
	unsigned long flags;

	spin_lock_irqsave(&c->wait.lock, flags);
	c->done++;
	if (!list_empty(&c->wait.waiters)) {
		/* Wakes one waiter, because one completion lets only one of them go on. */
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
