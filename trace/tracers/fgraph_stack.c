/* SPDX-License-Identifier: MIT */
/*
 * Shadow stacks: who has one, whose frame is whose, and what unwinders ask. Once somebody has used
 * the function graph, each thread has one until it is freed. Untraced, except for what begins and
 * ends threads.
 */
#include "trace/tracers/fgraph_stack.h"
#include "kernel/kallsyms.h"
#include "kernel/lockdep.h"
#include "kernel/printk.h"
#include "kernel/trace_hooks.h"
#include "trace/core/hidden.h"
#include "trace/output/trace.h"

#define SPARE_STACKS 32

static bool in_use;			/* somebody has used the function graph */

static struct graph_stack *alloc_stack(void)
{
	struct graph_stack *stack = kzalloc(GRAPH_STACK_SIZE, GFP_KERNEL);

	if (!stack)
		return NULL;
	stack->top = &stack->frames[0];
	stack->frames[0].place = ~0ul;
	for (int n = 0; n <= GRAPH_NR_FRAMES; n++)
		stack->frames[n].trace.depth = n - 1;
	return stack;
}

/* Returns false if @task has one already, as when its creator and the first user meet. */
static bool give_stack(struct task_struct *task, struct graph_stack *stack)
{
	struct graph_stack *none = NULL;

	return __atomic_compare_exchange_n(&task->graph_stack, &none, stack, false,
					   __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

struct spares {
	struct graph_stack *stacks[SPARE_STACKS];
	unsigned int nr;
	bool all;			/* every thread has one */
};

static int give_spare(struct task_struct *task, void *arg)
{
	struct spares *spares = arg;

	if (READ_ONCE(task->graph_stack))
		return 0;
	if (!spares->nr) {
		spares->all = false;
		return 1;
	}
	if (give_stack(task, spares->stacks[spares->nr - 1]))
		spares->nr--;
	return 0;
}

/* No memory can be allocated while the list of threads is locked, so spares are made before. */
int graph_stacks_make(void)
{
	static struct spares spares;	/* graph_lock protects them */
	int err = 0;

	lockdep_assert_held(&graph_lock);
	WRITE_ONCE(in_use, true);
	/* Whoever creates a thread now sees that, or its thread is in the list already. */
	smp_mb();
	do {
		spares.all = true;
		for_each_thread(give_spare, &spares);
		while (!spares.all && !err && spares.nr < SPARE_STACKS) {
			spares.stacks[spares.nr] = alloc_stack();
			if (spares.stacks[spares.nr])
				spares.nr++;
			else
				err = -ENOMEM;
		}
	} while (!spares.all && !err);
	while (spares.nr)
		kfree(spares.stacks[--spares.nr]);
	return err;
}

void ftrace_graph_init_task(struct task_struct *task)
{
	struct graph_stack *stack;

	smp_mb();
	if (!READ_ONCE(in_use))
		return;
	/* Without memory the thread is not traced, which is no reason not to create it. */
	stack = alloc_stack();
	if (stack && !give_stack(task, stack))
		kfree(stack);
}

void ftrace_graph_exit_task(struct task_struct *task)
{
	kfree(task->graph_stack);
}

static int clear_var(struct task_struct *task, void *arg)
{
	struct graph_stack *stack = READ_ONCE(task->graph_stack);

	if (stack)
		stack->vars[*(int *)arg] = 0;
	return 0;
}

void graph_clear_vars(int idx)
{
	for_each_thread(clear_var, &idx);
}

/* --- May a return address be hidden? --- */

bool fgraph_may_hide;

void graph_hiding_begins(void)
{
	WRITE_ONCE(fgraph_may_hide, true);
	function_trace_sync(&global_trace);
}

static int has_frame(struct task_struct *task, void *arg)
{
	struct graph_stack *stack = READ_ONCE(task->graph_stack);

	return stack && READ_ONCE(stack->top) != stack->frames;
}

/* There is no user, so no frame is made any more: a thread that has none has none from now on. */
void graph_hiding_ends(void)
{
	if (for_each_thread(has_frame, NULL))
		return;
	WRITE_ONCE(fgraph_may_hide, false);
	function_trace_sync(&global_trace);
}

/* --- Whose frame is whose --- */

/*
 * A call begins at @place that returns to @ret: is the one that @frame is for over? If both have
 * one place, that word is the new call's. But on arm64 it is no word: there a function that keeps
 * its return address in a register may call another without a move of the stack pointer.
 */
static bool was_left(const struct graph_frame *frame, unsigned long place, unsigned long ret)
{
	unsigned long offset;

	/* This interrupts the call that is about to fill the frame, or to give it up. */
	if (!frame->place)
		return false;
	if (frame->place != place)
		return frame->place < place;
	return !ftrace_hides_return(ret) &&
	       kallsyms_lookup_size_offset(ret - 1, NULL, &offset) &&
	       ret - 1 - offset != arch_ftrace_function(frame->trace.func);
}

static void drop_frames_above(struct graph_stack *stack, struct graph_frame *frame)
{
	for (struct graph_frame *above = READ_ONCE(stack->top); above > frame; above--)
		graph_frame_set_place(above, 0, 0);
	WRITE_ONCE(stack->top, frame);
}

/*
 * Places can be compared only on one stack. They are on another one while threads are switched: an
 * NMI then finds the next thread's shadow stack and the previous thread's stack.
 */
bool graph_stack_make_room(struct graph_stack *stack, unsigned long place, unsigned long ret)
{
	struct graph_frame *const top = READ_ONCE(stack->top);
	struct graph_frame *frame = top;
	unsigned long low, high;
	unsigned int overruns;

	if (arch_stack_bounds(current, place, &low, &high)) {
		while (frame > stack->frames && was_left(frame, place, ret))
			frame--;
	}
	if (frame == top) {
		/* Atomic: an interrupt of this may count, too. */
		overruns = __atomic_add_fetch(&stack->overruns, 1, __ATOMIC_RELAXED);
		/*
		 * All frames are in use, and every return is told of it, without looking it up. If
		 * an interrupt comes here, some frames are told of one call less.
		 */
		for (frame = stack->frames; frame < top; frame++)
			WRITE_ONCE(frame[1].trace.overrun, overruns);
		return false;
	}
	drop_frames_above(stack, frame);
	return true;
}

/*
 * Frames above belong to calls that were left for good. A function that pops its arguments returns
 * with the stack pointer above its place; then its frame is the outermost one below that.
 */
struct graph_frame *graph_stack_find(struct graph_stack *stack, unsigned long place)
{
	struct graph_frame *const top = READ_ONCE(stack->top);
	struct graph_frame *frame = top;

	while (frame->place < place)
		frame--;
	if (frame->place != place) {
		if (frame == top)
			panic("a function returns to %lx, and it is not known where from", place);
		frame++;
		while (frame < top && frame[1].place == frame->place)
			frame++;
	}
	drop_frames_above(stack, frame);
	return frame;
}

/*
 * From @frame outward, the first whose key is @key, or @above that, and that has a true address. A
 * tail call's frame says that the address was hidden already: a frame below knows it.
 */
static struct graph_frame *find_hidden(struct graph_stack *stack, struct graph_frame *frame,
				       unsigned long key, bool above)
{
	for (; frame > stack->frames; frame--) {
		unsigned long own = *graph_key(frame);

		if ((above ? own > key : own == key) &&
		    !ftrace_hides_return(frame->ret))
			return frame;
	}
	return NULL;
}

unsigned long ftrace_graph_ret_addr(const struct task_struct *task, int *idx, unsigned long ret,
				    unsigned long *retp)
{
	struct graph_stack *stack = READ_ONCE(task->graph_stack);
	struct graph_frame *top, *frame;

	if (likely(!ftrace_hides_return(ret)) || !stack)
		return ret;
	top = READ_ONCE(stack->top);
	frame = find_hidden(stack, top - *idx, (unsigned long)retp, false);
	/*
	 * A direct function may have copied the address, to make a frame record for the traced
	 * function's caller: it lies below the place where it belongs.
	 */
	if (!frame && !FTRACE_GRAPH_BY_FP)
		frame = find_hidden(stack, top - *idx, (unsigned long)retp, true);
	if (!frame)
		return ret;
	*idx = (int)(top - frame) + 1;
	return frame->ret;
}

/* A tail call's frame says that the address was hidden already: a frame below knows it. */
unsigned long fgraph_return_address(void)
{
	const struct graph_frame *frame = READ_ONCE(current->graph_stack->top);

	while (ftrace_hides_return(frame->ret))
		frame--;
	return frame->ret;
}

unsigned long fgraph_true_parent(unsigned long parent_ip, const struct ftrace_regs *fregs)
{
	unsigned long key;
	int idx = 0;

	if (likely(!ftrace_hides_return(parent_ip)) || !current->graph_stack)
		return parent_ip;
	/* hook=mcount: the registers are not known, but the function's frame is the innermost. */
	if (!FTRACE_HAVE_ARGS)
		return fgraph_return_address();
	key = FTRACE_GRAPH_BY_FP ? ftrace_regs_get_frame_pointer(fregs) :
		ftrace_regs_get_stack_pointer(fregs);
	return ftrace_graph_ret_addr(current, &idx, parent_ip, (unsigned long *)key);
}
