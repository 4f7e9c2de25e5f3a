/* SPDX-License-Identifier: MIT */
/*
 * Several users of one entry hook, each with filters of its own; Linux has a manager with subops
 * for this. Here each user is an ops in the sets of its sites, the hook is told which one it is
 * called for, and sees one call of a function as one. A function graph tracer is built on this.
 */
#include "kernel/arch.h"
#include "kernel/lib/string.h"
#include "kernel/sched/current.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"

/* One call of a traced function: what a graph tracer would keep on its shadow stack. */
static struct frame {
	unsigned long sp, ip;
	unsigned int users;		/* bits: the users that want to know of its return */
} frames[8];
static unsigned int nr_frames;
static struct ftrace_ops users[3];
static struct task_struct *caller; /* whose calls count: a user of all functions sees others' too */

/* The first user of a call makes its frame; the others find it by its place on the stack. */
static void entry_hook(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		       struct ftrace_regs *fregs)
{
	unsigned long sp = ftrace_regs_get_stack_pointer(fregs);
	struct frame *last = nr_frames ? &frames[nr_frames - 1] : NULL;

	if (current != caller)
		return;
	if (!last || last->sp != sp || last->ip != ip) {
		if (nr_frames == ARRAY_SIZE(frames))
			return;
		last = &frames[nr_frames++];
		*last = (struct frame){ .sp = sp, .ip = ip };
	}
	last->users |= 1u << (op - users);
}

/*
 * Returns the users that learn of one call of @function; -1 if that is not one frame, or that of
 * another function.
 */
static int users_of(unsigned long function, void (*call)(void))
{
	unsigned long flags;

	nr_frames = 0;
	/* Interrupts are off because their calls would count as this thread's. */
	flags = arch_irq_save();
	caller = current;
	call();
	caller = NULL;
	arch_irq_restore(flags);
	if (!nr_frames)
		return 0;
	if (nr_frames != 1 || frames[0].ip != ftrace_location(function))
		return -1;
	return (int)frames[0].users;
}

/* Returns the digits for kt_glob_alpha(), _beta() and _gamma(). */
static int users_of_globs(void)
{
	return users_of((unsigned long)kt_glob_alpha, kt_glob_alpha) * 100 +
	       users_of((unsigned long)kt_glob_beta, kt_glob_beta) * 10 +
	       users_of((unsigned long)kt_glob_gamma, kt_glob_gamma);
}

static int filter(unsigned int n, const char *glob)
{
	return ftrace_set_filter(&users[n], glob, (int)strlen(glob), 1);
}

static bool all_nops(void)
{
	return probe_site_is_nop((unsigned long)kt_glob_alpha) &&
	       probe_site_is_nop((unsigned long)kt_glob_beta) &&
	       probe_site_is_nop((unsigned long)kt_glob_gamma);
}

/* The sites are those of all users together, and each function has its own users. */
KTEST(ftrace_users, of_one_entry_hook)
{
	unsigned int n;

	KT_NEED_ARGS(t);
	memset(users, 0, sizeof(users));
	for (n = 0; n < ARRAY_SIZE(users); n++)
		users[n].func = entry_hook;
	KT_EXPECT_EQ(t, filter(0, "kt_glob_[ab]*"), 0);
	KT_EXPECT_EQ(t, filter(1, "kt_glob_[bg]*"), 0);
	KT_EXPECT(t, all_nops());
	KT_EXPECT_EQ(t, register_ftrace_function(&users[0]), 0);
	KT_EXPECT_EQ(t, users_of_globs(), 110);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_glob_gamma));
	KT_EXPECT_EQ(t, register_ftrace_function(&users[1]), 0);
	KT_EXPECT_EQ(t, users_of_globs(), 132);
	/* One user wants all functions; this changes nothing for the others. */
	KT_EXPECT_EQ(t, ftrace_set_notrace(&users[2], "kt_glob_alpha", 13, 1), 0);
	KT_EXPECT_EQ(t, register_ftrace_function(&users[2]), 0);
	KT_EXPECT_EQ(t, users_of_globs(), 176);
	/*
	 * A function that every user excludes, of those that would match it, is a NOP. One that a
	 * single user excludes is left out for that user alone.
	 */
	KT_EXPECT_EQ(t, filter(0, "kt_glob_beta"), 0);
	KT_EXPECT_EQ(t, users_of_globs(), 76);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_glob_alpha));
	KT_EXPECT_EQ(t, ftrace_set_notrace(&users[2], "*", 1, 1), 0);
	KT_EXPECT_EQ(t, users_of_globs(), 32);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&users[1]), 0);
	KT_EXPECT_EQ(t, users_of_globs(), 10);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&users[0]), 0);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&users[2]), 0);
	KT_EXPECT(t, all_nops());
	for (n = 0; n < ARRAY_SIZE(users); n++)
		ftrace_free_filter(&users[n]);
}

static unsigned long recurse_sum;

static void recurse(void)
{
	recurse_sum = kt_recurse(3);
}

/* A function that calls itself has one frame for each call, whatever is shared. */
KTEST(ftrace_users, each_call_is_one)
{
	unsigned int n;

	KT_NEED_ARGS(t);
	memset(users, 0, sizeof(users));
	for (n = 0; n < 2; n++) {
		users[n].func = entry_hook;
		KT_EXPECT_EQ(t, filter(n, "kt_recurse"), 0);
		KT_EXPECT_EQ(t, register_ftrace_function(&users[n]), 0);
	}
	KT_EXPECT_EQ(t, users_of((unsigned long)kt_recurse, recurse), -1);
	KT_EXPECT_EQ(t, recurse_sum, 4);
	KT_EXPECT_EQ(t, nr_frames, 4);
	for (n = 0; n < nr_frames; n++)
		KT_EXPECT_EQ(t, frames[n].users, 3);
	for (n = 0; n < 2; n++) {
		KT_EXPECT_EQ(t, unregister_ftrace_function(&users[n]), 0);
		ftrace_free_filter(&users[n]);
	}
}
