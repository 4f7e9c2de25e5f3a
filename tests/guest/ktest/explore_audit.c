/* SPDX-License-Identifier: MIT */
/*
 * The explorer's single-step audit: one call in each state, with an exception at every instruction
 * of the site, the stubs, trampolines, dispatch, callbacks and the direct function. At each
 * instruction it asks what an interrupt there may need to know. Does a backtrace show the traced
 * function and its caller? Would an update wait for this thread, and keep its set and stub? When
 * the call is over, the probe bench compares every register.
 */
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "kernel/trace_hooks.h"
#include "kernel/unwind.h"
#include "tests/guest/ktest/explore.h"
#include "tests/guest/ktest/step.h"
#include "trace/core/hidden.h"
#include "trace/core/inside.h"
#include "trace/core/set.h"
#include "trace/core/stub.h"
#include <asm/ptrace.h>

/* How far the call has come. */
enum phase { OUTSIDE, AT_SITE, INSIDE, IN_BODY, RETURNING };

static struct {
	const struct ftrace_set *set;
	unsigned long site;
	enum phase phase;
	bool hidden;			/* a graph user hides the return address */
	unsigned long steps, trampoline_steps;
	char wrong[200];
} audit;

static unsigned long function_of(unsigned long pc)
{
	unsigned long size, offset;

	return kallsyms_lookup_size_offset(pc, &size, &offset) ? pc - offset : 0;
}

static void complain(const struct pt_regs *regs, const char *what)
{
	if (!audit.wrong[0])
		scnprintf(audit.wrong, sizeof(audit.wrong), "at %pS: %s",
			  (void *)instruction_pointer(regs), what);
}

/*
 * Is @pc the first byte of the traced function, or of the function to which a callback sends its
 * call?
 */
static bool is_target(unsigned long pc)
{
	return function_of(pc) == (unsigned long)probe_target ||
	       function_of(pc) == (unsigned long)probe_replacement;
}

/*
 * Walks the whole stack once. With @first it must begin with the traced function, which is there
 * once unless it has @returned.
 */
static const char *wrong_with_backtrace(const struct pt_regs *regs, bool first, bool returned)
{
	unsigned int n = 0, targets = 0, callers = 0, at = 0;
	struct unwind_state state;

	arch_unwind_start(&state, current, regs);
	do {
		if (ftrace_is_trampoline(state.pc))
			return "the backtrace shows a trampoline";
		if (is_target(state.pc)) {
			targets++;
			at = n;
		}
		if (function_of(state.pc) == (unsigned long)probe_call) {
			if (!callers++ && !returned && n != at + 1)
				return "in the backtrace something is between function and caller";
		}
		n++;
	} while (arch_unwind_step(&state));
	if (!state.at_end)
		return "the backtrace ends too early";
	if (targets != !returned)
		return "the backtrace does not have the traced function once, or when it is over";
	if (callers != 1)
		return "the backtrace does not have its caller once";
	return first && at ? "the backtrace does not begin with the traced function" : NULL;
}

static size_t set_size(const struct ftrace_set *set)
{
	return (size_t)((const char *)(set->ops + set->nr_calls) - (const char *)set);
}

static bool is_outside(struct ftrace_search *search, unsigned long sp)
{
	enum inspect_result result = ftrace_look_inside(current, sp, search);

	return result == INSPECT_OUTSIDE || result == INSPECT_CLEAR;
}

/* Would a change of the site that takes @set away wait for this thread? */
static bool is_waited_for(const struct ftrace_set *set, unsigned long sp)
{
	const struct ftrace_change change = {
		.ip = audit.site, .old_direct = set ? set->direct : 0,
	};
	struct ftrace_search function = ftrace_search_function(change.old_direct);
	struct ftrace_search call = {
		.changes = &change, .nr = 1, .directs = change.old_direct != 0,
		.redirects = set && set->flags & FTRACE_SET_IPMODIFY,
	};

	return !is_outside(&call, sp) || (change.old_direct && !is_outside(&function, sp));
}

/* Would memory at @start be kept because this thread's stack has an address in it? */
static bool is_kept(unsigned long start, size_t size, unsigned long sp)
{
	struct ftrace_range range = { start, start + size, false };
	struct ftrace_ranges ranges = { &range, 1, start, start + size };

	return ftrace_look_for_mentions(current, sp, &ranges) != INSPECT_OUTSIDE || range.mentioned;
}

/* Would a change of this site wait for the thread, and would what the thread uses be kept? */
static const char *wrong_with_reclaim(const struct pt_regs *regs, unsigned long pc)
{
	unsigned long sp = (unsigned long)regs;
	bool waits = is_waited_for(audit.set, sp);

	/*
	 * At the address where the function resumes, it has left the tracer, but may still be taken
	 * to be on its way.
	 */
	if (audit.phase == INSIDE && !waits && pc != audit.site + FTRACE_INSN_SIZE)
		return "an update would not wait for this thread";
	/* The probes have no frame record that says what a hidden return address is of. */
	if (audit.phase == IN_BODY && waits && !audit.hidden)
		return "an update would wait for a thread that has left";
	if (audit.phase != INSIDE)
		return NULL;
	if (ftrace_stub_contains(pc) &&
	    !is_kept(audit.set->stub, FTRACE_STUB_SIZE, sp))
		return "the stub could be freed";
	if (!probe_is_callback(function_of(pc)))
		return NULL;
	/*
	 * A loop over several callbacks goes on with the set, and a trampoline may return to its
	 * stub. A set and its stub are freed together, if neither is mentioned.
	 */
	if (is_kept((unsigned long)audit.set, set_size(audit.set), sp))
		return NULL;
	if (audit.set->target == &audit.set->call && audit.set->nr_calls > 1)
		return "the set could be freed";
	if (probe_returns_to_stub(audit.set->stub) &&
	    !is_kept(audit.set->stub, FTRACE_STUB_SIZE, sp))
		return "the stub could be freed behind the callback";
	return NULL;
}

static bool in_body(unsigned long pc)
{
	unsigned long resume = audit.site + FTRACE_INSN_SIZE;

	return is_target(pc) && (pc < audit.site || pc > resume);
}

/* The probes' assembly makes no frame or two, so no more is promised than at its entry. */
static bool is_unusual(unsigned long pc)
{
	unsigned long function = function_of(pc);

	return audit.phase == IN_BODY || pc == audit.site + FTRACE_INSN_SIZE ||
	       (pc != function && (function == PROBE_A || function == PROBE_B));
}

static void hook(struct pt_regs *regs)
{
	unsigned long pc = instruction_pointer(regs);
	bool trampoline = ftrace_is_trampoline(pc);
	const char *wrong;

	if (audit.phase == OUTSIDE && pc != (unsigned long)probe_target)
		return;
	if (pc == (unsigned long)probe_return_site)
		audit.phase = OUTSIDE;
	else if (audit.phase == OUTSIDE)
		audit.phase = AT_SITE;
	else if (ftrace_hides_return(pc))
		audit.phase = RETURNING;
	else if (audit.phase == AT_SITE && !is_target(pc))
		audit.phase = INSIDE;
	else if (audit.phase == AT_SITE ? pc > audit.site + FTRACE_INSN_SIZE : in_body(pc))
		audit.phase = IN_BODY;
	if (audit.phase == OUTSIDE)
		return;
	audit.steps++;
	audit.trampoline_steps += trampoline;
	wrong = wrong_with_reclaim(regs, pc);
	if (!wrong && !is_unusual(pc))
		wrong = wrong_with_backtrace(regs, trampoline || is_target(pc),
					     audit.phase == RETURNING);
	if (wrong)
		complain(regs, wrong);
}

/* Otherwise the probe's frame pointer would point to no frame, and a walk would end there. */
static noinline void call_target(void)
{
	probe_in[PROBE_FRAME] = (unsigned long)__builtin_frame_address(0);
	probe_call((unsigned long)probe_target);
	barrier();			/* no tail call, because the frame must stay */
}

bool explore_audit(struct explorer *e)
{
	mutex_lock(&ftrace_lock);
	audit.site = ftrace_find_location((unsigned long)probe_target);
	audit.set = dyn_ftrace_set(ftrace_find_record(audit.site));
	mutex_unlock(&ftrace_lock);
	audit.hidden = probe_nr_users(&e->all);
	audit.phase = OUTSIDE;
	audit.steps = audit.trampoline_steps = 0;
	audit.wrong[0] = '\0';
	probe_prepare();
	ktest_single_step(call_target, hook);
	e->steps += audit.steps;
	e->trampoline_steps += audit.trampoline_steps;
	if (audit.wrong[0])
		ktest_fail(e->t, __FILE__, __LINE__, "%s: %s", e->step, audit.wrong);
	if (!audit.steps || (e->all.nr && !audit.trampoline_steps))
		ktest_fail(e->t, __FILE__, __LINE__, "%s: %lu steps", e->step, audit.steps);
	return !e->t->failures && probe_check_run(e->t, &e->all, e->step);
}
