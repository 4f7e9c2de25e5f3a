/* SPDX-License-Identifier: MIT */
/*
 * Deciding that nobody is inside any more, without counting entries on the hot
 * path: look where every thread stands, those that run on other CPUs from an interrupt there.
 * Sites were patched before and every CPU knows, so nobody enters any more: it is enough
 * to see each thread outside once.
 *
 * A thread inside a trampoline, a callback or a direct function has the address at which the traced
 * function resumes on its stack: in the ftrace_regs, in a return address, or among the registers of the
 * interrupt that preempted it. So first its stack is searched for such an address. A
 * hit may be a stale word that a frame never overwrote; then the unwinder decides, if it can walk
 * that stack to its very beginning.
 *
 * A callback with FTRACE_OPS_FL_IPMODIFY replaces that address. What it writes is no site's, and
 * then nobody knows whose call it is: every thread in such a call counts as inside.
 */
#include "trace/reclaim.h"
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/planted.h"
#include "kernel/printk.h"
#include "kernel/sched.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "kernel/trace_hooks.h"
#include "kernel/unwind.h"
#include "trace/records.h"

#define LOOKS_IN_A_ROW 32
#define BETWEEN_LOOKS_NS 20000

struct search {
	const struct ftrace_change *changes;
	unsigned int nr;
	unsigned long start, end;	/* address range looked for; empty: start == end */
	bool found_running;		/* the latest that was found; a hint */
};

static bool wanted(const struct search *s, unsigned long value)
{
	unsigned long ip = value - FTRACE_INSN_SIZE;
	unsigned int low = 0, high = s->nr;

	if (value - s->start < s->end - s->start)
		return !PLANTED("set_freed_early");
	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (s->changes[middle].ip == ip)
			return true;
		if (s->changes[middle].ip < ip)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* The unwinder knows on which stack a thread is, the boot stack included. */
static noinline bool stack_mentions(const struct search *s, const struct task_struct *task,
				    unsigned long sp)
{
	const unsigned long *word = (const unsigned long *)sp;
	struct unwind_state state;

	arch_unwind_start(&state, task, NULL);
	for (; (unsigned long)word < state.stack_high; word++)
		if (wanted(s, *word) || (s->nr && ftrace_is_trampoline(*word)))
			return true;
	return false;
}

/* Is the trampoline that the walk has met to go on where no traced function does? */
static bool was_redirected(struct unwind_state *state)
{
	unsigned long resume = state->resume;

	state->resume = 0;
	return resume && !ftrace_find_record(resume - FTRACE_INSN_SIZE) &&
	       !PLANTED("redirected_missed");
}

/* False only if the whole stack could be walked and no frame is in a wanted place. */
static bool unwinder_sees(const struct search *s, const struct task_struct *task)
{
	struct unwind_state state;

	arch_unwind_start(&state, task, NULL);
	do {
		if (wanted(s, state.pc) || (s->nr && was_redirected(&state)))
			return true;
	} while (arch_unwind_step(&state));
	return !state.at_end;
}

static bool is_inside(struct task_struct *task, unsigned long sp, void *arg)
{
	struct search *s = arg;

	if (!stack_mentions(s, task, sp) || !unwinder_sees(s, task))
		return false;
	WRITE_ONCE(s->found_running, task == current);
	return true;
}

/*
 * Until the thread that was found may be elsewhere. If it runs it soon is; but one that spends nearly
 * all of its time in traced calls is seen outside only after many looks. If it sleeps, or waits
 * for a CPU, perhaps this one, there is time to sleep.
 */
static void wait_between_looks(const struct search *s, unsigned int looks)
{
	u64 end = ktime_get_ns() + BETWEEN_LOOKS_NS;

	if (!s->found_running || looks % LOOKS_IN_A_ROW == 0) {
		msleep(1);
		return;
	}
	while (ktime_get_ns() < end)
		arch_cpu_relax();
}

/* Look for the function at @address, too. False: nobody knows it. */
static bool search_function(struct search *s, unsigned long address)
{
	unsigned long size, offset;

	if (!kallsyms_lookup_size_offset(address, &size, &offset))
		return false;
	s->start = address - offset;
	s->end = s->start + size;
	return true;
}

static void wait_until_outside(struct search *s)
{
	u64 complain_at = ktime_get_ns() + NSEC_PER_SEC;
	struct task_struct *found;
	unsigned int looks = 0;
	u32 inspection = 0;

	while ((found = smp_find_thread(is_inside, s, &inspection))) {
		if (ktime_get_ns() >= complain_at) {
			pr_warn("ftrace: waiting for %s-%d to leave a traced call\n",
				found->comm, found->pid);
			complain_at = ~0ull;
		}
		wait_between_looks(s, ++looks);
	}
}

/*
 * A direct function may have taken the address where the traced function resumes off the stack, so it
 * is looked for by itself; whoever was seen outside of the call before cannot be in there again.
 */
void ftrace_wait_until_left(const struct ftrace_change *changes, unsigned int nr)
{
	struct search s = { .changes = changes, .nr = nr };
	unsigned long last = 0;

#ifdef PLANT_NO_WAIT
	nr = 0;
#endif
	if (!nr)
		return;
	wait_until_outside(&s);
	s.nr = 0;
	for (; nr--; changes++) {
		if (!changes->old_direct || changes->old_direct == last)
			continue;
		last = changes->old_direct;
		if (search_function(&s, last))
			wait_until_outside(&s);
	}
}

bool ftrace_wait_until_quiet(unsigned long start, unsigned long end, unsigned int ms)
{
	struct search s = { .start = start, .end = end };
	u64 give_up = ktime_get_ns() + ms * NSEC_PER_MSEC;
	struct task_struct *found;
	u32 inspection = 0;

	while ((found = smp_find_thread(is_inside, &s, &inspection))) {
		if (ktime_get_ns() >= give_up) {
			pr_warn("ftrace: %s-%d does not leave [%lx, %lx)\n", found->comm,
				found->pid, start, end);
			return false;
		}
		msleep(1);
	}
	return true;
}

/* --- Without asking the unwinder --- */

struct ranges {
	struct ftrace_range *range;
	unsigned int nr;
	unsigned long low, high;	/* all of them lie in between */
};

static void mark(const struct ranges *r, unsigned long value)
{
	if (value - r->low >= r->high - r->low)
		return;
	for (unsigned int i = 0; i < r->nr; i++)
		if (value - r->range[i].start < r->range[i].end - r->range[i].start)
			r->range[i].mentioned = true;
}

/* Looks at each thread, and finds none. */
static bool mark_stack(struct task_struct *task, unsigned long sp, void *arg)
{
	const unsigned long *word = (const unsigned long *)sp;
	struct unwind_state state;

	arch_unwind_start(&state, task, NULL);
	for (; (unsigned long)word < state.stack_high; word++)
		mark(arg, *word);
	return false;
}

void ftrace_find_mentioned(struct ftrace_range *ranges, unsigned int nr)
{
	struct ranges r = { ranges, nr, ~0ul, 0 };
	u32 inspection = 0;

	for (unsigned int i = 0; i < nr; i++) {
		ranges[i].mentioned = false;
		r.low = min(r.low, ranges[i].start);
		r.high = max(r.high, ranges[i].end);
	}
	if (nr)
		smp_find_thread(mark_stack, &r, &inspection);
}

bool ftrace_stack_shows_call(unsigned long ip, unsigned long direct, unsigned long sp)
{
	const struct ftrace_change change = { .ip = ip };
	struct search call = { .changes = &change, .nr = 1 }, function = { .nr = 0 };

	return is_inside(current, sp, &call) ||
	       (search_function(&function, direct) && is_inside(current, sp, &function));
}

bool ftrace_stack_mentions(unsigned long start, size_t size, unsigned long sp)
{
	struct search s = { .start = start, .end = start + size };

	return stack_mentions(&s, current, sp);
}
