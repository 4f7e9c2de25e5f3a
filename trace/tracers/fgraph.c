/* SPDX-License-Identifier: MIT */
/*
 * Function graph: the entry hook and what is called behind a return. All users share the hook: each
 * is an ops of its own in the sets of its sites, so the hook is called once for each user that
 * wants the function, latest registered first. The first that wants to know of the return makes a
 * frame on the thread's shadow stack, and hides the return address: the function then returns to
 * return_to_handler(), which calls ftrace_return_to_handler(). The users after it find that frame.
 * Untraced, like everything that trampolines call.
 */
#include "trace/tracers/fgraph.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lockdep.h"
#include "kernel/trace_hooks.h"
#include "trace/core/hidden.h"
#include "trace/core/reclaim.h"
#include "trace/core/recursion.h"
#include "trace/tracers/fgraph_stack.h"

#define GRAPH_RECURSION (1u << TRACE_RECURSION_GRAPH)

void ftrace_return_to_handler(struct ftrace_regs *fregs);

DEFINE_MUTEX(graph_lock);

static int entry_always(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
			struct ftrace_regs *fregs)
{
	return 1;
}

static void return_unheard(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
			   struct ftrace_regs *fregs)
{
}

/* In the place of users that are not there any more, while functions that they saw are open. */
static struct fgraph_ops nobody = { .retfunc = return_unheard };
static struct fgraph_ops *graph_users[FGRAPH_MAX_USERS] = {
	[0 ... FGRAPH_MAX_USERS - 1] = &nobody
};

/* --- Entry --- */

/*
 * Where a call has its return address. hook=mcount has no struct ftrace_regs, but the function has
 * a frame record there: this is the hook's, or one further out.
 */
static __always_inline unsigned long *find_slot(struct ftrace_regs *fregs)
{
	unsigned long *frame;

	if (FTRACE_HAVE_ARGS)
		return ftrace_regs_parent_ptr(fregs);
	frame = __builtin_frame_address(0);
	while (!ftrace_is_trampoline(frame[1]))
		frame = (unsigned long *)frame[0];
	return &ftrace_mcount_frame(frame)[1];
}

static __always_inline unsigned long caller_fp(unsigned long *slot, struct ftrace_regs *fregs)
{
	return FTRACE_HAVE_ARGS ? ftrace_regs_get_frame_pointer(fregs) : slot[-1];
}

static __always_inline unsigned long find_place(unsigned long *slot, struct ftrace_regs *fregs)
{
	if (FTRACE_HAVE_ARGS)
		return graph_place_of(fregs);
	return FTRACE_GRAPH_BY_FP ? slot[-1] : (unsigned long)slot;
}

/*
 * Make the frame above @below known, and fill it. fgraph_stack.h tells why in this order, and why
 * its words are marked. Then ask @gops, and hide the return address @ret, which is in @slot, if it
 * wants to know of the return. Little is kept in variables: what is there to be loaded again costs
 * less than a saved register.
 */
static __always_inline void ask_with_new_frame(struct graph_frame *below, unsigned long *slot,
					       unsigned long ip, unsigned long ret,
					       struct fgraph_ops *gops, struct ftrace_regs *fregs)
{
	struct graph_frame *frame = below + 1;

	/*
	 * Twice: an interrupt that comes before the frame is counted uses it, and leaves its own
	 * value; one that comes later begins its data here.
	 */
	WRITE_ONCE(frame->data_end, below->data_end);
	barrier();
	WRITE_ONCE(current->graph_stack->top, frame);
	barrier();
	WRITE_ONCE(frame->data_end, below->data_end);
	WRITE_ONCE(frame->ret, ret);
	frame->trace.func = ip;
	frame->first = gops->ops.sequence;
	frame->users = gops->user_bit;
	graph_frame_set_place(frame, find_place(slot, fregs),
			      FTRACE_GRAPH_BY_FP ? caller_fp(slot, fregs) : 0);
	if (likely(gops->entryfunc(&frame->ent, gops, fregs))) {
		/* From here on a walk of this stack, which may interrupt, needs the frame. */
		barrier();
		WRITE_ONCE(*(FTRACE_HAVE_ARGS ? ftrace_regs_parent_ptr(fregs) : slot),
			   (unsigned long)return_to_handler);
	} else {
		frame = READ_ONCE(current->graph_stack->top);
		graph_frame_set_place(frame, 0, 0);
		WRITE_ONCE(current->graph_stack->top, frame - 1);
	}
}

/*
 * Is @frame, the thread's innermost, that of the very call for which the hook was called for
 * another user? A tail call has the same place as the call that it ends; if it is to the same
 * function, it begins with a user that was asked then.
 */
static bool is_frame_of(const struct graph_frame *frame, const struct fgraph_ops *gops,
			unsigned long ip, unsigned long place)
{
	return frame->place == place && frame->trace.func == ip &&
	       gops->ops.sequence < frame->first && !(frame->users & gops->user_bit);
}

/* The return address is hidden, and @frame has the true one: ask one more user. */
static void ask_with_frame(struct graph_frame *frame, struct fgraph_ops *gops,
			   struct ftrace_regs *fregs)
{
	u16 data_end = frame->data_end;

	if (gops->entryfunc(&frame->ent, gops, fregs))
		frame->users |= gops->user_bit;
	else
		WRITE_ONCE(frame->data_end, data_end);
}

/*
 * The return address is hidden, for another user or because this is a tail call; or the shadow
 * stack is full.
 */
static noinline void graph_entry_slow(struct fgraph_ops *gops, unsigned long ip,
				      struct ftrace_regs *fregs)
{
	struct graph_stack *stack = current->graph_stack;
	unsigned long *slot = find_slot(fregs), ret = *slot, place = find_place(slot, fregs);
	struct graph_frame *top = READ_ONCE(stack->top);

	if (ftrace_hides_return(ret) && is_frame_of(top, gops, ip, place))
		ask_with_frame(top, gops, fregs);
	else if (!graph_frame_is_last(top) ||
		 graph_stack_make_room(stack, place, ret))
		ask_with_new_frame(READ_ONCE(stack->top), slot, ip, ret, gops, fregs);
}

/* Every traced call comes here, once for each user of the function. */
static void graph_entry(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			struct ftrace_regs *fregs)
{
	struct task_struct *task = current;
	/* Whoever gave it has released what it points to, and the address orders the loads. */
	struct graph_stack *stack = READ_ONCE(task->graph_stack);
	struct graph_frame *top;
	unsigned long *slot, ret;

	if (unlikely(!stack || current->trace_recursion & GRAPH_RECURSION))
		return;
	current->trace_recursion |= GRAPH_RECURSION;
	slot = find_slot(fregs);
	/* Not parent_ip, because that may be what it was before another user hid it. */
	ret = *slot;
	/* An interrupt may push frames, but leaves this word as it found it. */
	top = READ_ONCE(stack->top);
	if (unlikely(ftrace_hides_return(ret) || graph_frame_is_last(top)))
		graph_entry_slow(container_of(op, struct fgraph_ops, ops), ip, fregs);
	else
		ask_with_new_frame(top, slot, ip, ret, container_of(op, struct fgraph_ops, ops),
				   fregs);
	task->trace_recursion &= ~GRAPH_RECURSION;
}

/* --- Return --- */

/* Tell the user that has the lowest bit of @users, unless it came after the call. */
static __always_inline void tell_first(struct graph_frame *frame, unsigned int users,
				       struct ftrace_regs *fregs)
{
	struct fgraph_ops *gops = READ_ONCE(graph_users[__builtin_ctz(users)]);

	/* A user that came after this call may have the number of one that left. */
	if (likely(READ_ONCE(gops->ops.sequence) <= frame->first))
		gops->retfunc(&frame->trace, gops, fregs);
}

/* The common case is one user, so that the loop over the others is somewhere else. */
static noinline void tell_others(struct graph_frame *frame, unsigned int users,
				 struct ftrace_regs *fregs)
{
	for (; users; users &= users - 1)
		tell_first(frame, users, fregs);
}

/*
 * return_to_handler() calls this. Interrupts may come at any moment, and unwinders with them: first
 * they find the true address by the frame, and by @fregs before that is given up.
 */
void ftrace_return_to_handler(struct ftrace_regs *fregs)
{
	struct task_struct *task = current;
	struct graph_stack *stack = task->graph_stack;
	struct graph_frame *frame = READ_ONCE(stack->top);
	unsigned int users;

	if (unlikely(frame->place != graph_place_of(fregs)))
		frame = graph_stack_find(stack, graph_place_of(fregs));
	/* One store: a walk that interrupts this finds the hidden address here, or the true one. */
	WRITE_ONCE(*ftrace_regs_parent_ptr(fregs), frame->ret);
	ftrace_regs_set_instruction_pointer(fregs, frame->ret);
	/* What the users call must not be traced by users: they could be asked about themselves. */
	task->trace_recursion |= GRAPH_RECURSION;
	users = frame->users;
	tell_first(frame, users, fregs);
	if (unlikely(users & (users - 1)))
		tell_others(frame, users & (users - 1), fregs);
	task->trace_recursion &= ~GRAPH_RECURSION;
	graph_frame_set_place(frame, 0, 0);
	WRITE_ONCE(task->graph_stack->top, frame - 1);
}

/* --- Data that goes with a call --- */

/* The header of a block, behind its words: the size in bytes, and whose it is. */
#define HEADER_SHIFT 8

static unsigned int block_words(int size)
{
	return ((unsigned int)size + sizeof(long) - 1) / sizeof(long);
}

void *fgraph_reserve_data(int idx, int size_bytes)
{
	struct graph_stack *stack = current->graph_stack;
	struct graph_frame *frame;
	unsigned int start, words;

	if (size_bytes <= 0 || size_bytes > (int)FGRAPH_MAX_DATA_SIZE || !stack)
		return NULL;
	frame = READ_ONCE(stack->top);
	start = frame->data_end;
	words = block_words(size_bytes);
	if (start + words + 1 > GRAPH_DATA_WORDS)
		return NULL;
	/*
	 * The end comes first, so that an interrupt does not use the same words. A plain store is
	 * one here, too, and costs an instruction less than WRITE_ONCE() of a u16.
	 */
	data_race(frame->data_end = (u16)(start + words + 1));
	barrier();
	stack->data[start + words] = (unsigned long)size_bytes << HEADER_SHIFT | (unsigned int)idx;
	return &stack->data[start];
}

static void *find_data(struct graph_stack *stack, const struct graph_frame *frame, int idx,
		       int *size_bytes)
{
	unsigned int end = frame->data_end;

	while (end > frame[-1].data_end) {
		unsigned long header = stack->data[--end];

		end -= block_words((int)(header >> HEADER_SHIFT));
		if ((int)(header & ((1u << HEADER_SHIFT) - 1)) != idx)
			continue;
		if (size_bytes)
			*size_bytes = (int)(header >> HEADER_SHIFT);
		return &stack->data[end];
	}
	return NULL;
}

void *fgraph_retrieve_data(int idx, int *size_bytes)
{
	struct graph_stack *stack = current->graph_stack;
	struct graph_frame *top;

	if (!stack)
		return NULL;
	top = READ_ONCE(stack->top);
	return top == stack->frames ? NULL : find_data(stack, top, idx, size_bytes);
}

void *fgraph_retrieve_parent_data(int idx, int *size_bytes, int depth)
{
	struct graph_stack *stack = current->graph_stack;
	struct graph_frame *top, *frame;
	void *data;

	if (!stack || depth < 0)
		return NULL;
	top = READ_ONCE(stack->top);
	if (depth >= top - stack->frames)
		return NULL;
	for (frame = top - depth; frame > stack->frames; frame--) {
		data = find_data(stack, frame, idx, size_bytes);
		if (data)
			return data;
	}
	return NULL;
}

unsigned long *fgraph_get_task_var(struct fgraph_ops *gops)
{
	struct graph_stack *stack = current->graph_stack;

	return stack ? &stack->vars[gops->idx] : NULL;
}

/* --- Users --- */

void fgraph_wait_until_left(const void *function)
{
	unsigned long start = (unsigned long)function, size, offset;

	might_sleep();
	if (!kallsyms_lookup_size_offset(start, &size, &offset))
		return;
	while (!ftrace_wait_until_quiet(start, start + size, 1000))
		;
}

/* Wait until nobody can be in a retfunc whose user is not in graph_users[] any more. */
static void wait_for_returns(void)
{
	fgraph_wait_until_left(ftrace_return_to_handler);
}

static void note_if_last(void)
{
	for (int idx = 0; idx < FGRAPH_MAX_USERS; idx++) {
		if (graph_users[idx] != &nobody)
			return;
	}
	graph_hiding_ends();
}

static int add_user(struct fgraph_ops *gops, int idx)
{
	int err = graph_stacks_make();

	if (err)
		return err;
	graph_hiding_begins();
	graph_clear_vars(idx);
	if (!gops->entryfunc)
		gops->entryfunc = entry_always;
	if (!gops->retfunc)
		gops->retfunc = return_unheard;
	gops->idx = idx;
	gops->user_bit = (u16)(1u << idx);
	gops->ops.func = graph_entry;
	/*
	 * Until it is registered, it has seen no call that is open. The release is for a return on
	 * another CPU, from a call of an earlier user with this number: it finds the sequence by
	 * the pointer, and would call retfunc if it were still that of an earlier registration.
	 */
	gops->ops.sequence = ~0u;
	smp_store_release(&graph_users[idx], gops);
	err = register_ftrace_function(&gops->ops);
	if (err) {
		WRITE_ONCE(graph_users[idx], &nobody);
		wait_for_returns();
		note_if_last();
	}
	return err;
}

int register_ftrace_graph(struct fgraph_ops *gops)
{
	int idx, err = -ENOSPC;

	might_sleep();
	if (!gops->entryfunc && !gops->retfunc)
		return -EINVAL;
	mutex_lock(&graph_lock);
	/* First whether it is there already, because its number may be above a free one. */
	for (idx = 0; idx < FGRAPH_MAX_USERS && graph_users[idx] != gops; idx++)
		;
	if (idx < FGRAPH_MAX_USERS) {
		err = -EBUSY;
		goto out;
	}
	for (idx = 0; idx < FGRAPH_MAX_USERS && graph_users[idx] != &nobody; idx++)
		;
	if (idx < FGRAPH_MAX_USERS)
		err = add_user(gops, idx);
out:
	mutex_unlock(&graph_lock);
	return err;
}

static int remove_user(int idx)
{
	struct fgraph_ops *gops = graph_users[idx];
	int err = unregister_ftrace_function(&gops->ops);

	lockdep_assert_held(&graph_lock);
	if (err)
		return err;
	WRITE_ONCE(graph_users[idx], &nobody);
	wait_for_returns();
	note_if_last();
	return 0;
}

int unregister_ftrace_graph(struct fgraph_ops *gops)
{
	int err = -EBUSY;

	might_sleep();
	mutex_lock(&graph_lock);
	for (int idx = 0; idx < FGRAPH_MAX_USERS; idx++) {
		if (graph_users[idx] == gops)
			err = remove_user(idx);
	}
	mutex_unlock(&graph_lock);
	return err;
}

static bool is_in(const struct fgraph_ops *gops, unsigned long start, unsigned long end)
{
	return (unsigned long)gops - start < end - start ||
	       (unsigned long)gops->entryfunc - start < end - start ||
	       (unsigned long)gops->retfunc - start < end - start;
}

bool ftrace_graph_module_stop(const char *name, unsigned long start, unsigned long end)
{
	bool all = true;

	mutex_lock(&graph_lock);
	for (int idx = 0; idx < FGRAPH_MAX_USERS; idx++) {
		struct fgraph_ops *gops = graph_users[idx];

		if (gops == &nobody || !is_in(gops, start, end))
			continue;
		/* One that cannot be removed keeps the module: its memory must not be freed. */
		if (remove_user(idx)) {
			all = false;
			continue;
		}
		pr_warn("ftrace: %s left a user of the function graph registered: taken back\n",
			name);
		ftrace_free_filter(&gops->ops);
	}
	mutex_unlock(&graph_lock);
	return all;
}
