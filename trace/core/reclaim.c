/* SPDX-License-Identifier: MIT */
/*
 * Deciding that nobody is inside any more, without counting entries on the hot
 * path: look where every thread stands (kernel/inspect.c), and judge by inside.c's rule. Sites were
 * patched before and every CPU knows, so nobody enters any more: it is enough to see each thread
 * outside once. Whoever was not proven outside is asked again.
 */
#include "trace/core/reclaim.h"
#include "trace/core/records.h"
#include "trace/kernel.h"

#define LOOKS_IN_A_ROW 32
#define BETWEEN_LOOKS_NS 20000
#define UNSEEN_ROUNDS 16

/*
 * Until the thread that was met may be elsewhere. If it runs it soon is; but one that spends nearly
 * all of its time in traced calls is seen outside only after many looks. If it sleeps, or waits
 * for a CPU, perhaps this one, there is time to sleep.
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

	/* All that is not proven is asked again, however long it takes: going on would be wrong. */
	while ((result = inspect_threads(&inspection)) != INSPECT_OUTSIDE) {
		if (ktime_get_ns() >= complain_at) {
			complain(&inspection, s, result);
			complain_at = ~0ull;
		}
		wait_between_looks(s->runs || result == INSPECT_UNSEEN, ++looks);
	}
}

/*
 * A direct function may have taken the address where the traced function resumes off the stack, so
 * it is looked for by itself; whoever was seen outside of the call before cannot be in there again.
 */
void ftrace_wait_until_left(const struct ftrace_change *changes, unsigned int nr, bool redirects)
{
	struct ftrace_search calls = { .changes = changes, .nr = nr, .redirects = redirects };
	unsigned long last = 0;

	if (!nr)
		return;
	for (unsigned int i = 0; i < nr; i++)
		calls.directs |= changes[i].old_direct != 0;
	/* Neighbouring sites mostly lose the same direct function, which needs one search. */
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

bool ftrace_wait_until_quiet(unsigned long start, unsigned long end, unsigned int ms)
{
	struct ftrace_search s = { .start = start, .end = end };
	struct inspection inspection = { .look = ftrace_look_inside, .arg = &s };
	u64 give_up = ktime_get_ns() + ms * NSEC_PER_MSEC;

	/* A module's thread that nobody stops would never leave: its memory can simply be kept. */
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

/* --- Memory that may simply be kept --- */

/* False: the stack of some thread could not be read, whatever was found on those of others. */
static bool mark_all_stacks(struct ftrace_ranges *r)
{
	struct inspection inspection = { .look = ftrace_look_for_mentions, .arg = r };
	enum inspect_result result = INSPECT_UNSEEN;

	for (unsigned int i = 0; result == INSPECT_UNSEEN && i < UNSEEN_ROUNDS; i++)
		result = inspect_threads(&inspection);
	return result == INSPECT_OUTSIDE;
}

void ftrace_find_mentioned(struct ftrace_range *ranges, unsigned int nr)
{
	struct ftrace_ranges r = { ranges, nr, ~0ul, 0 };

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
