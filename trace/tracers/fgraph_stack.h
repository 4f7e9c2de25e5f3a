/* SPDX-License-Identifier: MIT */
/*
 * The shadow stack of a thread: what fgraph.c keeps of each call whose return it is to see.
 *
 *	frames[0]	a sentinel: the place of all places
 *	frames[1]	the outermost call
 *	...
 *	top ->		the innermost one
 *
 * Only the thread itself, and what interrupts it, writes it, and what interrupts it leaves top as
 * it was. So a frame is first made known, by top, and then filled: no interrupt can overwrite it
 * any more. Its place is stored last: until then it is 0, as above top, which no unwinder looks
 * for, and which tells an interrupt that the frame is not that of a call that was left. So whoever
 * takes a frame away first makes its place 0. The data that users reserve lies in data[], behind
 * that of the calls around: each block has a header behind it.
 *
 * An interrupt reads ret, place, fp and data_end of the interrupted call's frame, so they are
 * stored by WRITE_ONCE, once and in this order, or between barriers. It reads them as it likes,
 * for the interrupted call does not go on meanwhile. Only top changes under a reader. No barrier is
 * needed on arm64 either: a CPU sees its own stores in the order of the program, and other CPUs
 * look only at threads that do not run, with the run queue's lock, by which the thread's last
 * stores have come to them.
 */
#pragma once
#include "trace/tracers/fgraph.h"

#define GRAPH_STACK_SIZE (2 * PAGE_SIZE)
#define GRAPH_NR_FRAMES 96		/* and the sentinel */

struct graph_frame {
	unsigned long ret;		/* the true return address; a tail call's: the trampoline */
	unsigned long place;		/* of the return address: see graph_place_of() */
	unsigned long fp[FTRACE_GRAPH_BY_FP];	/* the caller's frame pointer */
	/* Both begin in the same way. The depth and the overruns are there before the call. */
	union {
		struct ftrace_graph_ent ent;
		struct ftrace_graph_ret trace;
	};
	u64 calltime;			/* the tracer function_graph's alone */
	u64 profile_time;		/* the function profiler's alone */
	unsigned int first;		/* ops.sequence of the first user that was asked */
	u16 users;			/* bit n: the user with idx n wants to know of the return */
	u16 data_end;			/* in data[]: the end of this call's blocks */
};

struct graph_stack {
	struct graph_frame *top;
	unsigned int overruns;
	unsigned long vars[FGRAPH_MAX_USERS];
	struct graph_frame frames[GRAPH_NR_FRAMES + 1];
	unsigned long data[];
};

#define GRAPH_DATA_WORDS \
	((GRAPH_STACK_SIZE - sizeof(struct graph_stack)) / sizeof(unsigned long))

/*
 * Calls are told apart by where their return address was: higher ones belong to outer calls, and a
 * tail call has that of the call that it ends. arm64 keeps it in a register: there it is the stack
 * pointer, which is the same at a function's entry and behind its return; or, where the site is
 * behind the prologue, the caller's frame pointer.
 */
static __always_inline unsigned long graph_place_of(const struct ftrace_regs *fregs)
{
	return FTRACE_HAVE_ARGS || !FTRACE_GRAPH_BY_FP ? ftrace_regs_get_stack_pointer(fregs) :
		ftrace_regs_get_frame_pointer(fregs);
}

/* Is there no room above @frame? */
static __always_inline bool graph_frame_is_last(const struct graph_frame *frame)
{
	return frame->trace.depth == GRAPH_NR_FRAMES - 1;
}

/*
 * The last step of making a frame, and with zeros the first one of taking it away. Plain stores,
 * so that one instruction can do both. Neither is torn, for each is a word, and what an interrupt
 * between them finds is right: it compares either fp or the place.
 */
static __always_inline void graph_frame_set_place(struct graph_frame *frame, unsigned long place,
						  unsigned long fp)
{
	barrier();
	data_race(frame->place = place);
	if (FTRACE_GRAPH_BY_FP)
		data_race(frame->fp[0] = fp);
	barrier();
}

/* What the unwinder knows a hidden return address by. */
static __always_inline unsigned long *graph_key(struct graph_frame *frame)
{
	return FTRACE_GRAPH_BY_FP ? frame->fp : &frame->place;
}

/*
 * A word for the tracer function_graph, in the frame of the call that a user is told of: what it
 * holds is not known until that tracer has stored something there for this call.
 */
static __always_inline u64 *graph_calltime(struct ftrace_graph_ent *trace)
{
	return &container_of(trace, struct graph_frame, ent)->calltime;
}

/* Set fgraph_may_hide: before the first user comes, and if possible after the last one has left. */
void graph_hiding_begins(void);
void graph_hiding_ends(void);
/* Held by who registers a user, or takes one away. */
extern struct mutex graph_lock;
/* Give every thread a shadow stack. Returns 0 or -ENOMEM. graph_lock is held; may sleep. */
int graph_stacks_make(void);
/* Begin with the word 0 for user @idx in every thread. */
void graph_clear_vars(int idx);
/*
 * The shadow stack is full: take away the frames of calls that have been left for good, as by
 * longjmp(). @place is that of a call which begins now, and @ret its return address. Returns false
 * if there are none; then the call is counted as an overrun.
 */
bool graph_stack_make_room(struct graph_stack *stack, unsigned long place, unsigned long ret);
/*
 * A function has returned, and top is not its frame. Take away the frames above its own. Panics if
 * it has none.
 */
struct graph_frame *graph_stack_find(struct graph_stack *stack, unsigned long place);
