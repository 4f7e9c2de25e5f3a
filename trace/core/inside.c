/* SPDX-License-Identifier: MIT */
/*
 * Is a thread inside what goes: in a call that came through a trampoline, in a direct function, in
 * a module's code? It counts as outside only if that is proven, in one of two ways:
 *
 * - No word on its stack, from its stack pointer or from the registers that an interrupt saved up
 *   to the stack's end, names what goes. Who is inside has such a word: a return address into it,
 *   or the interrupted instruction. In a callback that is an address in a trampoline; in a direct
 *   function one in that function, or where the traced function resumes. A return address that the
 *   function graph hides may be such a word.
 * - Words that name it may be stale, left by an earlier call in a hole of a later frame. Then the
 *   unwinder walks to the thread's very beginning and meets nothing of what goes. A part of the
 *   stack that it cannot attribute to a function which made a frame there (a trampoline of
 *   somebody's own, generated code) may hide a caller: no word in that part may name what goes.
 *
 * A stack that is not known to be the thread's, a walk that ends early, a trampoline whose caller
 * is not found: all that is unclear, and counts as inside.
 *
 * A thread that was created for a function which goes counts as inside until it has returned from
 * there, because before it begins its stack says nothing of that function.
 *
 * A thread whose stack has no word that names any trampoline or stub is in no call at all, and
 * stays out of all of them as long as it does not run. Later searches for calls skip it
 * (kernel/inspect.h), and so does the search for memory that only a thread in a call uses.
 *
 * Whose call it is, the trampoline's resume address tells, unless a callback changed that: if it is
 * no site's, or a callback with FTRACE_OPS_FL_IPMODIFY is on a site that changes, every thread in a
 * trampoline counts as inside.
 */
#include "trace/core/inside.h"
#include "trace/core/change.h"
#include "trace/core/hidden.h"
#include "trace/core/records.h"
#include "trace/kernel.h"

static const struct ftrace_change *change_at(const struct ftrace_search *s, unsigned long resume)
{
	unsigned long ip = resume - FTRACE_INSN_SIZE;

	/* This comes first because most words on a stack are far from any site. */
	if (!s->nr || ip < s->changes[0].ip || ip > s->changes[s->nr - 1].ip)
		return NULL;
	return ftrace_change_at(s->changes, s->nr, ip);
}

static bool in_range(const struct ftrace_search *s, unsigned long value)
{
	return value - s->start < s->end - s->start;
}

/* Is @value the address to which a direct function that is taken away returns? */
static bool is_left_by_direct(const struct ftrace_search *s, unsigned long value)
{
	const struct ftrace_change *change = s->directs ? change_at(s, value) : NULL;

	return change && change->old_direct;
}

static bool is_nameless_code(unsigned long value)
{
	return value - EXECMEM_START < EXECMEM_END - EXECMEM_START &&
	       !kallsyms_lookup_size_offset(value, NULL, NULL);
}

/*
 * Could a thread that has @value on its stack be inside? This is asked of each word, so the
 * cheapest test comes first.
 */
static bool points_into(const struct ftrace_search *s, unsigned long value)
{
	if (in_range(s, value))
		return true;
	/* What a hidden return address stands for may lie there, which the unwinder can tell. */
	if (s->nr ? ftrace_is_trampoline(value) || is_left_by_direct(s, value) :
		    ftrace_hides_return(value))
		return true;
	return s->nameless && is_nameless_code(value);
}

static __reads_stacks bool any_points_into(const struct ftrace_search *s, unsigned long start,
					   unsigned long end)
{
	const unsigned long *word;

	/* This may be an interrupt before the thread's write of a word, which is not done yet. */
	for (word = (const unsigned long *)start; (unsigned long)word < end; word++)
		if (points_into(s, data_race(*word)))
			return true;
	return false;
}

/*
 * Returns the end of the stack that @task uses from @sp up. Returns 0 if that is not known to be
 * one of its stacks; then nothing there may be read.
 */
static unsigned long stack_end(const struct task_struct *task, unsigned long sp)
{
	unsigned long low, high;

	if (sp % sizeof(long) || !arch_stack_bounds(task, sp, &low, &high))
		return 0;
	return high;
}

/*
 * The walk has met a trampoline whose call goes on at @resume. Is that call one of those that are
 * searched for?
 */
static bool is_wanted_call(const struct ftrace_search *s, unsigned long resume)
{
	if (change_at(s, resume))
		return true;
	return s->redirects || !ftrace_find_record(resume - FTRACE_INSN_SIZE);
}

/* Judge the frame that the walk has come to. */
static enum inspect_result judge_frame(const struct ftrace_search *s, struct unwind_state *state)
{
	unsigned long resume = state->resume;

	state->resume = 0;
	if (s->nr && resume && is_wanted_call(s, resume))
		return INSPECT_INSIDE;
	if (in_range(s, state->pc) || is_left_by_direct(s, state->pc))
		return INSPECT_INSIDE;
	if (ftrace_is_trampoline(state->pc) || (s->nameless && is_nameless_code(state->pc)))
		return INSPECT_UNCLEAR;
	return any_points_into(s, state->gap_start,
			       state->gap_end) ? INSPECT_UNCLEAR : INSPECT_OUTSIDE;
}

static enum inspect_result walk(struct ftrace_search *s, const struct task_struct *task)
{
	enum inspect_result result;
	struct unwind_state state;

	arch_unwind_start(&state, task, NULL);
	do {
		result = judge_frame(s, &state);
		WRITE_ONCE(s->where, state.pc);
		if (result != INSPECT_OUTSIDE)
			return result;
	} while (arch_unwind_step(&state));
	/*
	 * The last step looked past the first frame; what lies above that belongs to no known
	 * function.
	 */
	if (!state.at_end || any_points_into(s, state.gap_start, state.gap_end))
		return INSPECT_UNCLEAR;
	return INSPECT_OUTSIDE;
}

enum inspect_result ftrace_look_inside(struct task_struct *task, unsigned long sp, void *arg)
{
	struct ftrace_search *s = arg;
	unsigned long end = stack_end(task, sp);
	unsigned long function = task_function(task);

	/*
	 * All CPUs look at their own threads at once, and may overwrite these. But the thread for
	 * which a search ends is looked at alone, after all others.
	 */
	WRITE_ONCE(s->runs, task == current);
	WRITE_ONCE(s->where, function);
	if (in_range(s, function))
		return INSPECT_INSIDE;
	if (!end)
		return INSPECT_UNCLEAR;
	if (any_points_into(s, sp, end))
		return walk(s, task);
	/*
	 * If calls were searched for, no word on the stack leads to any trampoline or stub: the
	 * thread is in no call that came through one.
	 */
	return s->nr ? INSPECT_CLEAR : INSPECT_OUTSIDE;
}

/*
 * Nobody knows how long a function without a symbol is, so the search is for all such code and for
 * this page.
 */
struct ftrace_search ftrace_search_function(unsigned long address)
{
	struct ftrace_search s = { .nameless = true };
	unsigned long size, offset;

	if (kallsyms_lookup_size_offset(address, &size, &offset)) {
		s = (struct ftrace_search){ .start = address - offset };
		s.end = s.start + size;
	} else {
		s.start = address & ~(PAGE_SIZE - 1);
		s.end = s.start + PAGE_SIZE;
	}
	return s;
}

/* --- Without asking the unwinder --- */

static void mark_ranges_with(const struct ftrace_ranges *r, unsigned long value)
{
	if (value - r->low >= r->high - r->low)
		return;
	for (unsigned int i = 0; i < r->nr; i++)
		if (value - r->range[i].start < r->range[i].end - r->range[i].start)
			WRITE_ONCE(r->range[i].mentioned, true);	/* by any CPU */
}

/* A thread whose whole stack was read needs no second look, whatever was found. */
__reads_stacks enum inspect_result
ftrace_look_for_mentions(struct task_struct *task, unsigned long sp, void *arg)
{
	const unsigned long *word = (const unsigned long *)sp;
	unsigned long end = stack_end(task, sp);

	for (; (unsigned long)word < end; word++)
		mark_ranges_with(arg, data_race(*word));	/* as any_points_into() does */
	return end ? INSPECT_OUTSIDE : INSPECT_UNCLEAR;
}
