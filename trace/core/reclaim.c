/* SPDX-License-Identifier: MIT */
/*
 * Deciding that nobody is inside any more, without counting entries on the hot path: look where
 * every thread stands (kernel/inspect.c), and judge by the rule in inside.c. The sites were changed
 * before, and every CPU knows of it, so no thread can enter any more: it is enough to see each
 * thread outside once. A thread for which that was not proven is looked at again.
 */
#include "trace/core/reclaim.h"
#include "trace/core/records.h"
#include "trace/kernel.h"

#define LOOKS_IN_A_ROW 32
#define BETWEEN_LOOKS_NS 20000
#define UNSEEN_ROUNDS 16

/*
 * Wait until the thread that was met may be somewhere else. If it runs, that is soon; but a thread
 * that spends nearly all of its time in traced calls is seen outside only after many looks. If it
 * sleeps, or waits for a CPU, perhaps for this one, there is time to sleep here.
 */
static void wait_between_looks(bool runs, unsigned int looks)
{
	u64 end = ktime_get_ns() + BETWEEN_LOOKS_NS;

	if (!runs || looks % LOOKS_IN_A_ROW == 0) {
		msleep(1);
		return;
	}
	while (ktime_get_ns() < end)
		arch_cpu_relax();
}

static const char *describe(enum inspect_result result)
{
	if (result == INSPECT_INSIDE)
		return "is in a traced call";
	return result == INSPECT_UNSEEN ? "has not been seen yet" : "may be in a traced call";
}

static void complain(const struct inspection *inspection, const struct ftrace_search *s,
		     enum inspect_result result)
{
	pr_warn("ftrace: waiting for %s-%d, which %s; last seen at %pS\n", inspection->comm,
		inspection->pid, describe(result), (void *)s->where);
}

static void wait_until_outside(struct ftrace_search *s)
{
	struct inspection inspection = { .look = ftrace_look_inside, .arg = s };
	u64 complain_at = ktime_get_ns() + NSEC_PER_SEC;
	enum inspect_result result;
	unsigned int looks = 0;

	/* Direct functions and other code are entered without a trampoline too. */
	inspection.clear_is_outside = s->nr && !s->directs;
	/*
	 * Whatever is not proven is looked at again, however long it takes: going on would be
	 * wrong.
	 */
	while ((result = inspect_threads(&inspection)) != INSPECT_OUTSIDE) {
		if (ktime_get_ns() >= complain_at) {
			complain(&inspection, s, result);
			complain_at = ~0ull;
		}
		wait_between_looks(s->runs || result == INSPECT_UNSEEN, ++looks);
	}
}

/*
 * A direct function may have removed the traced function's resume address from the stack, so
 * threads inside it are searched for separately. A thread that was seen outside of the call before
 * cannot have come back.
 */
void ftrace_wait_until_left(const struct ftrace_change *changes, unsigned int nr, bool redirects)
{
	struct ftrace_search calls = { .changes = changes, .nr = nr, .redirects = redirects };
	unsigned long last = 0;

	lockdep_assert_held(&ftrace_lock);
	if (!nr)
		return;
	for (unsigned int i = 0; i < nr; i++)
		calls.directs |= changes[i].old_direct != 0;
	/*
	 * Neighbouring sites mostly lose the same direct function, and one search is enough for it.
	 */
	wait_until_outside(&calls);
	for (; nr--; changes++) {
		struct ftrace_search function;

		if (!changes->old_direct || changes->old_direct == last)
			continue;
		last = changes->old_direct;
		function = ftrace_search_function(last);
		wait_until_outside(&function);
	}
}

void ftrace_wait_until_function_left(unsigned long address)
{
	struct ftrace_search function = ftrace_search_function(address);

	wait_until_outside(&function);
}

bool ftrace_wait_until_quiet(unsigned long start, unsigned long end, unsigned int ms)
{
	struct ftrace_search s = { .start = start, .end = end };
	struct inspection inspection = { .look = ftrace_look_inside, .arg = &s };
	u64 give_up = ktime_get_ns() + ms * NSEC_PER_MSEC;

	/*
	 * A module may have left a thread that never ends, so the wait has a limit; the module's
	 * memory is kept then.
	 */
	while (inspect_threads(&inspection) != INSPECT_OUTSIDE) {
		if (ktime_get_ns() >= give_up) {
			pr_warn("ftrace: %s-%d does not leave [%lx, %lx); last seen at %pS\n",
				inspection.comm, inspection.pid, start, end, (void *)s.where);
			return false;
		}
		msleep(1);
	}
	return true;
}

/*
 * --- Memory that may simply be kept ---
 * It is the tracer's own, sets and stubs, which only a thread in a call through a trampoline uses.
 * A thread that rests outside of all calls may have stale words that mention it; they do not
 * count.
 */

/*
 * Returns false if the stack of some thread could not be read; what was found on the others does
 * not matter then.
 */
static bool mark_all_stacks(struct ftrace_ranges *r)
{
	struct inspection inspection = {
		.look = ftrace_look_for_mentions, .arg = r, .clear_is_outside = true,
	};
	enum inspect_result result = INSPECT_UNSEEN;

	for (unsigned int i = 0; result == INSPECT_UNSEEN && i < UNSEEN_ROUNDS; i++)
		result = inspect_threads(&inspection);
	return result == INSPECT_OUTSIDE;
}

void ftrace_find_mentioned(struct ftrace_range *ranges, unsigned int nr)
{
	struct ftrace_ranges r = { ranges, nr, ~0ul, 0 };

	lockdep_assert_held(&ftrace_lock);
	for (unsigned int i = 0; i < nr; i++) {
		ranges[i].mentioned = false;
		r.low = min(r.low, ranges[i].start);
		r.high = max(r.high, ranges[i].end);
	}
	if (!nr || mark_all_stacks(&r))
		return;
	for (unsigned int i = 0; i < nr; i++)
		ranges[i].mentioned = true;
}
