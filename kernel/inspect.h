/* SPDX-License-Identifier: MIT */
/*
 * Looking at where every thread stands, while all go on. Whoever frees what a thread may be inside
 * asks here first; trace/core/reclaim.c says what counts as inside. Untraced.
 */
#pragma once
#include "kernel/sched/sched.h"

/* What is known of a thread; or of all of them, and then it is the least. */
enum inspect_result {
	INSPECT_OUTSIDE,	/* proven */
	INSPECT_INSIDE,		/* it was met inside */
	INSPECT_UNCLEAR,	/* it was looked at, and may be inside as well as outside */
	INSPECT_UNSEEN,		/* whenever somebody looked, it was just not there */
};

/*
 * Filled by the caller up to @arg, all else 0. @look is called for a thread that does not move
 * meanwhile: it is not running, and its run queue is locked; or it runs on another CPU, in an
 * interrupt that stopped it. @sp is below all that is saved of it. Interrupts are off.
 */
struct inspection {
	enum inspect_result (*look)(struct task_struct *task, unsigned long sp, void *arg);
	void *arg;
	u32 number;			/* in the threads that were outside; 0: not begun */
	struct task_struct *target;	/* whom the interrupt is for; NULL: whoever runs */
	enum inspect_result result;	/* of @target */
	/*
	 * Of the thread that ended the latest round; a copy, because the thread may be gone soon.
	 */
	char comm[TASK_COMM_LEN];
	pid_t pid;
};

/*
 * One round over all threads but the caller: INSPECT_OUTSIDE if each of them was proven outside, in
 * this round or an earlier one of the same inspection. The first that was not ends the round, and
 * is what the answer and @comm tell of. Thread context, may sleep; interrupts on, and no spinlock
 * held that anybody takes with interrupts off.
 */
enum inspect_result inspect_threads(struct inspection *inspection);
