/* SPDX-License-Identifier: MIT */
/*
 * Inspection of every thread's stack while all threads keep running. Code that frees memory which a
 * thread may still be executing uses it to prove that none is; trace/core/reclaim.c defines what
 * counts as inside such memory. Untraced.
 */
#pragma once
#include "kernel/sched/sched.h"

/* The result for one thread, or for a round over all threads. */
enum inspect_result {
	INSPECT_OUTSIDE,	/* the thread (in a round, every thread) is proven to be outside */
	INSPECT_CLEAR,		/* from @look only: also outside of anything else of that kind */
	INSPECT_INSIDE,		/* the thread was found inside */
	INSPECT_UNCLEAR,	/* its stack was read, but does not tell whether it is inside */
	INSPECT_UNSEEN,		/* no attempt to read its stack found it standing still */
};

/*
 * The caller sets @look and @arg and leaves all else 0. @look is called for a thread that cannot
 * move during the call: either it is not running, and its run queue is locked, or an interrupt has
 * stopped it on the CPU that makes the call. Everything that is saved of the thread lies at @sp or
 * above. Interrupts are off.
 *
 * A thread that is not running when @look says INSPECT_CLEAR of it stays outside, whatever later
 * inspections search for, until it runs again. Those that set @clear_is_outside do not look at it,
 * so many threads that sleep cost them little. It is for searches of one kind: what they search for
 * was out of every thread's reach before they began, and a thread is inside it only if @look would
 * not have said INSPECT_CLEAR.
 */
struct inspection {
	enum inspect_result (*look)(struct task_struct *task, unsigned long sp, void *arg);
	void *arg;
	bool clear_is_outside;
	u32 number;			/* marks threads that were proven outside; 0: not begun */
	struct task_struct *target;	/* the thread to interrupt; NULL: any that is running */
	enum inspect_result result;	/* of @target */
	/* Name and pid of the thread that ended the latest round: copies, since it may exit. */
	char comm[TASK_COMM_LEN];
	pid_t pid;
};

/*
 * Make one round over all threads except the caller. Returns INSPECT_OUTSIDE if each of them was
 * proven outside, in this round or in an earlier one of the same inspection. Otherwise the first
 * thread that was not ends the round: its result is returned, and @comm and @pid name it. Thread
 * context, may sleep; interrupts on, and no spinlock held that anybody takes with interrupts off.
 */
enum inspect_result inspect_threads(struct inspection *inspection);
