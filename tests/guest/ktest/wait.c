/* SPDX-License-Identifier: MIT */
/* Mutexes, completions and wait queues, each with threads that really wait. */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/sched/current.h"
#include "kernel/sched/wait.h"
#include "kernel/time.h"
#include "tests/guest/ktest/ktest.h"

static DEFINE_MUTEX(mutex);
static unsigned int inside, together, turns;

static int take_turns(void *data)
{
	unsigned int n;

	for (n = 0; n < 50; n++) {
		mutex_lock(&mutex);
		if (inside++)
			together++;
		yield();
		inside--;
		turns++;
		mutex_unlock(&mutex);
	}
	return 0;
}

KTEST(wait, mutex_excludes)
{
	struct task_struct *task[4];
	unsigned int n;

	inside = together = turns = 0;
	for (n = 0; n < ARRAY_SIZE(task); n++) {
		task[n] = kthread_run(take_turns, NULL, "ktest-mutex");
		KT_ASSERT(t, !IS_ERR(task[n]));
	}
	for (n = 0; n < ARRAY_SIZE(task); n++)
		kthread_join(task[n]);
	KT_EXPECT_EQ(t, together, 0);
	KT_EXPECT_EQ(t, turns, 200);
}

static int try_it(void *data)
{
	bool *got = data;

	*got = mutex_trylock(&mutex);
	if (*got)
		mutex_unlock(&mutex);
	return mutex_is_held(&mutex);
}

KTEST(wait, mutex_trylock)
{
	struct task_struct *task;
	bool got = true;

	KT_EXPECT(t, mutex_trylock(&mutex));
	KT_EXPECT(t, mutex_is_held(&mutex));
	task = kthread_run(try_it, &got, "ktest-try");
	KT_ASSERT(t, !IS_ERR(task));
	KT_EXPECT_EQ(t, kthread_join(task), 0);
	KT_EXPECT(t, !got);
	mutex_unlock(&mutex);
	KT_EXPECT(t, !mutex_is_held(&mutex));
	task = kthread_run(try_it, &got, "ktest-try");
	KT_ASSERT(t, !IS_ERR(task));
	kthread_join(task);
	KT_EXPECT(t, got);
}

static DECLARE_COMPLETION(done);
static unsigned int released;

static int wait_for_done(void *data)
{
	wait_for_completion(&done);
	__atomic_add_fetch(&released, 1, __ATOMIC_RELAXED);
	return 0;
}

/* One complete() releases one waiter; if it comes before anybody waits, it is kept. */
KTEST(wait, completion)
{
	struct task_struct *task[3];
	unsigned int n;

	released = 0;
	for (n = 0; n < ARRAY_SIZE(task); n++) {
		task[n] = kthread_run(wait_for_done, NULL, "ktest-done");
		KT_ASSERT(t, !IS_ERR(task[n]));
	}
	KT_EXPECT_EQ(t, READ_ONCE(released), 0);
	complete(&done);
	KT_WAIT(t, READ_ONCE(released) > 0);
	msleep(10);
	KT_EXPECT_EQ(t, READ_ONCE(released), 1);
	complete(&done);
	complete(&done);
	for (n = 0; n < ARRAY_SIZE(task); n++)
		kthread_join(task[n]);
	KT_EXPECT_EQ(t, released, 3);
	complete(&done);
	wait_for_completion(&done);
}

static DECLARE_WAIT_QUEUE_HEAD(queue);
static unsigned int level, woken;

static int wait_for_level(void *data)
{
	unsigned int wanted = (unsigned int)(unsigned long)data;

	wait_event(queue, READ_ONCE(level) >= wanted);
	__atomic_add_fetch(&woken, 1, __ATOMIC_RELAXED);
	return 0;
}

/* wake_up() wakes all waiters; each checks its own condition. */
KTEST(wait, wait_event)
{
	struct task_struct *task[3];
	unsigned long n;

	level = woken = 0;
	for (n = 0; n < ARRAY_SIZE(task); n++) {
		task[n] = kthread_run(wait_for_level, (void *)(n + 1), "ktest-wait");
		KT_ASSERT(t, !IS_ERR(task[n]));
	}
	for (n = 0; n < ARRAY_SIZE(task); n++) {
		KT_WAIT(t, READ_ONCE(woken) >= n);
		KT_EXPECT_EQ(t, READ_ONCE(woken), n);
		WRITE_ONCE(level, n + 1);
		wake_up(&queue);
	}
	for (n = 0; n < ARRAY_SIZE(task); n++)
		kthread_join(task[n]);
	KT_EXPECT_EQ(t, woken, 3);
}

KTEST(wait, wait_event_timeout)
{
	u64 start = ktime_get_ns();

	KT_EXPECT(t, wait_event_timeout_ms(queue, true, 100000));
	KT_EXPECT(t, ktime_get_ns() - start < 50 * NSEC_PER_SEC);
	start = ktime_get_ns();
	KT_EXPECT(t, !wait_event_timeout_ms(queue, false, 20));
	KT_EXPECT(t, ktime_get_ns() - start >= 20 * NSEC_PER_MSEC);
	KT_EXPECT(t, list_empty(&queue.waiters));
}

/* A wake-up that comes between the test and the sleep is not lost. */
static int raise_level(void *data)
{
	WRITE_ONCE(level, 1);
	wake_up(&queue);
	return 0;
}

KTEST(wait, no_lost_wakeup)
{
	unsigned int n;

	for (n = 0; n < 50; n++) {
		struct task_struct *task;

		level = 0;
		task = kthread_create(raise_level, NULL, "ktest-raise");
		KT_ASSERT(t, !IS_ERR(task));
		set_user_nice(task, n % 2 ? -8 : 8);
		wake_up_process(task);
		KT_EXPECT(t, wait_event_timeout_ms(queue, READ_ONCE(level), 10000));
		kthread_join(task);
	}
}
