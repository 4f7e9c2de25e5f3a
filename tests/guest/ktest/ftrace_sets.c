/* SPDX-License-Identifier: MIT */
/* Sets that exist for longer than the ops in them. Untraced, because of the callbacks. */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/targets.h"
#include "trace/arch.h"
#include "trace/core/set.h"

static bool holding, let_go;

/*
 * Waits with the address of a set on its stack, and one in a trampoline, like a thread that is
 * inside the set. Without the second it would count as at rest outside of all calls.
 */
static int hold(void *set)
{
	void (*volatile trampoline)(void) = return_to_handler;
	struct ftrace_set *volatile held = set;

	WRITE_ONCE(holding, true);
	while (!READ_ONCE(let_go))
		msleep(1);
	/* Such a thread goes on reading the set, which KASAN reports if it was freed. */
	return held != set || !trampoline || !READ_ONCE(held->nr_calls);
}

static struct ftrace_set *set_of(unsigned long function)
{
	struct ftrace_set *set;

	mutex_lock(&ftrace_lock);
	set = dyn_ftrace_set(ftrace_find_record(ftrace_find_location(function)));
	mutex_unlock(&ftrace_lock);
	return set;
}

static unsigned int depth, deepest;

static void recursive_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			       struct ftrace_regs *fregs)
{
	deepest = max(deepest, ++depth);
	if (depth < 3)
		kt_sum(1, 1);
	depth--;
}

static struct counter first = COUNTER, second = COUNTER;

static void expect_new_set(struct ktest *t, const struct ftrace_set *old)
{
	first.ops = (struct ftrace_ops){
		.func = recursive_callback, .flags = FTRACE_OPS_FL_RECURSION,
	};
	deepest = 0;
	KT_EXPECT_EQ(t, counter_start(&first, "kt_sum"), 0);
	KT_EXPECT_EQ(t, counter_start(&second, "kt_sum"), 0);
	KT_EXPECT(t, set_of((unsigned long)kt_sum) != old);
	KT_EXPECT_EQ(t, kt_sum(2, 3), 5);
	KT_EXPECT_EQ(t, deepest, 1);
	KT_EXPECT(t, counter_stop(&second));
	KT_EXPECT(t, counter_stop(&first));
	first.ops = (struct ftrace_ops){ .func = counter_callback };
}

/*
 * Once an ops is unregistered, another ops may be made at the same address, with other wishes. It
 * must not get a set of the old one that a thread has kept from being freed.
 */
KTEST(ftrace, a_set_that_stays_serves_no_other_ops)
{
	struct task_struct *task;
	struct ftrace_set *set;
	unsigned int index;

	let_go = holding = false;
	KT_ASSERT(t, !counter_start(&first, "kt_sum"));
	KT_ASSERT(t, !counter_start(&second, "kt_sum"));
	set = set_of((unsigned long)kt_sum);
	index = set->index;
	task = kthread_run(hold, set, "ktest-hold");
	if (KT_EXPECT(t, !IS_ERR(task)))
		KT_WAIT(t, READ_ONCE(holding));
	KT_EXPECT(t, counter_stop(&second));
	KT_EXPECT(t, counter_stop(&first));
	if (IS_ERR(task))
		return;
	KT_EXPECT(t, ftrace_set_at(index) == set);
	expect_new_set(t, set);
	WRITE_ONCE(let_go, true);
	KT_EXPECT_EQ(t, kthread_join(task), 0);
}
