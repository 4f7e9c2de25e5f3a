/* SPDX-License-Identifier: MIT */
/*
 * A user of the function graph leaves while a thread is in its return function: it must not be gone
 * before the thread is out. Untraced, because the function is.
 */
#include "kernel/sched/current.h"
#include "kernel/sched/wait.h"
#include "kernel/time.h"
#include "tests/guest/ktest/fgraph.h"
#include "tests/guest/ktest/targets.h"

#define LINGER_MS 50

static bool lingers, is_seen, has_left;

/*
 * As a thread does that is preempted here: until the user has left, which it must not, or long. The
 * time begins when the test has seen that it lingers, however late the host lets the test do so.
 */
static void linger(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
		   struct ftrace_regs *fregs)
{
	u64 end;

	if (current != kt_graph_caller)
		return;
	WRITE_ONCE(lingers, true);
	while (!READ_ONCE(is_seen))
		yield();
	end = ktime_get_ns() + LINGER_MS * NSEC_PER_MSEC;
	while (!READ_ONCE(has_left) && ktime_get_ns() < end)
		yield();
	WRITE_ONCE(lingers, false);
}

static unsigned long nothing(unsigned long value)
{
	return value;
}

static int lingerer(void *data)
{
	kt_graph_caller = current;
	return (int)kt_outer(nothing, 40);
}

KTEST(fgraph, leaving_waits_for_returns)
{
	static struct fgraph_ops gops;
	struct task_struct *task;

	gops = (struct fgraph_ops){ .retfunc = linger };
	has_left = is_seen = lingers = false;
	KT_ASSERT(t, kt_graph_start(t, &gops, "kt_outer"));
	task = kthread_run(lingerer, NULL, "kt-graph");
	KT_ASSERT(t, !IS_ERR(task));
	KT_WAIT(t, READ_ONCE(lingers));
	WRITE_ONCE(is_seen, true);
	kt_graph_stop(t, &gops);
	KT_EXPECT(t, !READ_ONCE(lingers));
	WRITE_ONCE(has_left, true);
	KT_EXPECT_EQ(t, kthread_join(task), 42);
	kt_graph_caller = NULL;
}
