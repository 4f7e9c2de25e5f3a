/* SPDX-License-Identifier: MIT */
/*
 * The stack tracer. Its callback compares how far the stack reaches at the entry of each function
 * with the most that was seen before, and only for a new maximum walks the stack. Interrupts run on
 * the stack of the thread that they interrupt, so what they need is a part of it. The small stacks
 * for stack overflows do not count, and neither do NMIs, which might interrupt the walk. Untraced.
 */
#include "trace/tracers/trace_stack.h"
#include "kernel/arch.h"
#include "kernel/lockdep.h"
#include "kernel/sched/current.h"
#include "kernel/sched/spinlock.h"
#include "kernel/sched/wait.h"
#include "kernel/unwind.h"
#include "trace/arch.h"
#include "trace/core/ops_list.h"

static DEFINE_SPINLOCK(max_lock);	/* taken with interrupts off */
static struct stack_trace_max largest;
static DEFINE_MUTEX(switch_lock);	/* of starting and stopping */

/*
 * Where the frame of the function at @state->pc begins, that is its lowest address. A function's
 * frame record is at one of its frame's ends: at the lower one, or above it, behind the caller's
 * return address.
 */
static unsigned long frame_start(const struct unwind_state *state)
{
	if (!FTRACE_RECORD_FIRST)
		return state->stack_low - sizeof(long);
	return state->fp ? state->fp : state->stack_high;
}

static void add_entry(unsigned long pc, unsigned int depth)
{
	if (largest.nr < STACK_TRACE_ENTRIES)
		largest.entries[largest.nr++] = (struct stack_trace_entry){ pc, depth };
	else
		largest.left_out++;
}

/* Walk outwards from the function at @ip, which has nothing below @sp yet. */
static void take_stack(unsigned long ip, unsigned long sp)
{
	unsigned long start = sp;
	struct unwind_state state;
	bool found = false;

	lockdep_assert_held(&max_lock);
	largest.nr = largest.left_out = 0;
	arch_unwind_start(&state, current, NULL);
	/* The first frames are this code's own, and the trampoline's. */
	while (!found && arch_unwind_step(&state))
		found = state.pc - ip <= FTRACE_INSN_SIZE;
	add_entry(found ? state.pc : ip, (unsigned int)(state.stack_high - sp));
	while (found && arch_unwind_step(&state)) {
		/* What only a trampoline knows of has no frame, and begins where the last did. */
		start = max(start, frame_start(&state));
		start = min(start, state.stack_high);
		add_entry(state.pc, (unsigned int)(state.stack_high - start));
	}
}

static noinline void note_stack(unsigned long ip, unsigned long sp, unsigned long size)
{
	unsigned long flags;

	spin_lock_irqsave(&max_lock, flags);
	/* Another CPU may have had a larger one meanwhile. */
	if (size > largest.size) {
		WRITE_ONCE(largest.size, size);
		take_stack(ip, sp);
	}
	spin_unlock_irqrestore(&max_lock, flags);
}

static void stack_trace_call(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			     struct ftrace_regs *fregs)
{
	unsigned long sp, low, high;

	/* Without registers the stack has the trampoline's words already. */
	if (FTRACE_HAVE_ARGS)
		sp = ftrace_regs_get_stack_pointer(fregs);
	else
		sp = (unsigned long)__builtin_frame_address(0);
	if (in_nmi() || !arch_stack_bounds(current, sp, &low, &high) ||
	    high - sp <= data_race(largest.size))
		return;
	note_stack(ip, sp, high - sp);
}

struct ftrace_ops stack_trace_ops = {
	.func = stack_trace_call,
};

int trace_stack_set(bool on)
{
	int err = 0;

	might_sleep();
	mutex_lock(&switch_lock);
	if (on != trace_stack_is_on())
		err = on ? register_ftrace_function(&stack_trace_ops) :
			   unregister_ftrace_function(&stack_trace_ops);
	mutex_unlock(&switch_lock);
	return err;
}

bool trace_stack_is_on(void)
{
	return READ_ONCE(stack_trace_ops.flags) & FTRACE_OPS_FL_ENABLED;
}

unsigned long trace_stack_max_size(void)
{
	return READ_ONCE(largest.size);
}

void trace_stack_set_max_size(unsigned long size)
{
	unsigned long flags;

	spin_lock_irqsave(&max_lock, flags);
	WRITE_ONCE(largest.size, size);
	largest.nr = largest.left_out = 0;
	spin_unlock_irqrestore(&max_lock, flags);
}

void trace_stack_read(struct stack_trace_max *copy)
{
	unsigned long flags;

	spin_lock_irqsave(&max_lock, flags);
	memcpy(copy, &largest, sizeof(*copy));
	spin_unlock_irqrestore(&max_lock, flags);
}

int init_stack_trace(void)
{
	ftrace_keep_filters(&stack_trace_ops);
	return 0;
}
