/* SPDX-License-Identifier: MIT */
/*
 * struct ftrace_regs through its accessors: what a callback reads, and what it may change, in the
 * plain trampoline and in the one for SAVE_REGS. The direct suite checks every register.
 */
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"

static struct {
	unsigned int hits, null_fregs, wrong_parent, no_args, wrong_regs;
	unsigned long args[PROBE_NR_ARGS], ip, resume, parent_ip, return_value, sp, fp;
	struct pt_regs regs;
	struct task_struct *task;		/* whose calls, outside of interrupts, are read */
} seen;

/* Of others' calls, which come at any time, it only sees whether something is wrong. */
static void reader(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		   struct ftrace_regs *fregs)
{
	unsigned int n;

	if (!fregs) {
		WRITE_ONCE(seen.null_fregs, 1);
		return;
	}
	if (!ftrace_regs_has_args(fregs))
		WRITE_ONCE(seen.no_args, 1);
	if (*ftrace_regs_parent_ptr(fregs) != parent_ip)
		WRITE_ONCE(seen.wrong_parent, 1);
	if (current != seen.task || in_interrupt())
		return;
	seen.hits++;
	seen.ip = ip;
	seen.parent_ip = parent_ip;
	seen.resume = ftrace_regs_get_instruction_pointer(fregs);
	seen.return_value = ftrace_regs_get_return_value(fregs);
	seen.sp = ftrace_regs_get_stack_pointer(fregs);
	seen.fp = ftrace_regs_get_frame_pointer(fregs);
	memset(&seen.regs, 0xff, sizeof(seen.regs));
	seen.wrong_regs += ftrace_partial_regs(fregs, &seen.regs) != &seen.regs;
	for (n = 0; n < PROBE_NR_ARGS; n++)
		seen.args[n] = ftrace_regs_get_argument(fregs, n);
}

static void setter(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		   struct ftrace_regs *fregs)
{
	ftrace_regs_set_return_value(fregs, 1000);	/* the first argument's register */
}

static void overrider(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		      struct ftrace_regs *fregs)
{
	ftrace_regs_set_return_value(fregs, 4711);
	ftrace_override_function_with_return(fregs);
}

static void redirector(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		       struct ftrace_regs *fregs)
{
	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)kt_difference);
}

static struct ftrace_ops reading, changing;

/* Attach @func, and a reader that runs after it, with @flags, to @function. */
static bool attach_with_reader(struct ktest *t, ftrace_func_t func, unsigned int flags,
			       const char *function)
{
	int len = (int)strlen(function);

	reading = (struct ftrace_ops){ .func = reader, .flags = flags };
	changing = (struct ftrace_ops){ .func = func, .flags = flags };
	memset(&seen, 0, sizeof(seen));
	seen.task = current;
	return KT_EXPECT_EQ(t, ftrace_set_filter(&reading, function, len, 1), 0) &&
	       KT_EXPECT_EQ(t, register_ftrace_function(&reading), 0) &&
	       (!func || (KT_EXPECT_EQ(t, ftrace_set_filter(&changing, function, len, 1), 0) &&
			  KT_EXPECT_EQ(t, register_ftrace_function(&changing), 0)));
}

static void detach_both(struct ktest *t)
{
	if (changing.func)
		KT_EXPECT_EQ(t, unregister_ftrace_function(&changing), 0);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&reading), 0);
	ftrace_free_filter(&changing);
	ftrace_free_filter(&reading);
}

/* Run @body once for each trampoline that the build has. */
static void both_ways(struct ktest *t, void (*body)(struct ktest *t, unsigned int flags))
{
	body(t, 0);
	if (FTRACE_HAVE_SAVE_REGS)
		body(t, FTRACE_OPS_FL_SAVE_REGS);
}

static void read_arguments(struct ktest *t, unsigned int flags)
{
	unsigned int n;

	if (!attach_with_reader(t, NULL, flags, "kt_many"))
		return;
	KT_EXPECT_EQ(t, kt_many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 385);
	detach_both(t);
	KT_EXPECT_EQ(t, seen.hits, 1);
	KT_EXPECT_EQ(t, seen.null_fregs + seen.no_args + seen.wrong_parent, 0);
	for (n = 0; n < PROBE_NR_ARGS; n++)
		KT_EXPECT_EQ(t, seen.args[n], n + 1);
	KT_EXPECT_EQ(t, seen.return_value, 1);
	KT_EXPECT_EQ(t, seen.ip, ftrace_location((unsigned long)kt_many));
	KT_EXPECT_EQ(t, seen.resume, seen.ip + FTRACE_INSN_SIZE);
}

KTEST(ftrace, regs_arguments)
{
	KT_NEED_ARGS(t);
	both_ways(t, read_arguments);
}

static void copy_to_pt_regs(struct ktest *t, unsigned int flags)
{
	if (!attach_with_reader(t, NULL, flags, "kt_sum"))
		return;
	KT_EXPECT_EQ(t, kt_sum(40, 2), 42);
	detach_both(t);
	KT_EXPECT_EQ(t, seen.hits, 1);
	KT_EXPECT_EQ(t, seen.wrong_regs, 0);
	KT_EXPECT_EQ(t, instruction_pointer(&seen.regs), seen.resume);
	KT_EXPECT_EQ(t, kernel_stack_pointer(&seen.regs), seen.sp);
	KT_EXPECT_EQ(t, frame_pointer(&seen.regs), seen.fp);
	KT_EXPECT_EQ(t, probe_first_argument(&seen.regs), 40);
}

KTEST(ftrace, regs_copied_to_pt_regs)
{
	KT_NEED_ARGS(t);
	both_ways(t, copy_to_pt_regs);
	KT_EXPECT(t, !ftrace_partial_regs(NULL, &seen.regs));
}

static long first_argument_offset;

static void by_offset(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		      struct ftrace_regs *fregs)
{
	*(unsigned long *)((char *)fregs + first_argument_offset) = 1000;
}

KTEST(ftrace, regs_by_name)
{
	KT_NEED_ARGS(t);
	first_argument_offset = ftrace_regs_query_register_offset(PROBE_FIRST_ARGUMENT);
	KT_EXPECT(t, first_argument_offset >= 0);
	KT_EXPECT_EQ(t, ftrace_regs_query_register_offset("x9"), -EINVAL);
	KT_EXPECT_EQ(t, ftrace_regs_query_register_offset(""), -EINVAL);
	if (!attach_with_reader(t, by_offset, 0, "kt_sum"))
		return;
	KT_EXPECT_EQ(t, kt_sum(40, 2), 1002);
	detach_both(t);
}

/* A change is seen by the callbacks that follow and by the function. */
static void set_argument(struct ktest *t, unsigned int flags)
{
	if (!attach_with_reader(t, setter, flags, "kt_sum"))
		return;
	KT_EXPECT_EQ(t, kt_sum(40, 2), 1002);
	KT_EXPECT_EQ(t, seen.args[0], 1000);
	KT_EXPECT_EQ(t, seen.args[1], 2);
	detach_both(t);
	KT_EXPECT_EQ(t, kt_sum(40, 2), 42);
}

KTEST(ftrace, regs_set_argument)
{
	KT_NEED_ARGS(t);
	both_ways(t, set_argument);
}

static void override_return(struct ktest *t, unsigned int flags)
{
	unsigned int runs;

	if (!attach_with_reader(t, overrider, flags, "kt_sum"))
		return;
	KT_EXPECT_EQ(t, kt_sum(40, 2), 4711);
	KT_EXPECT_EQ(t, kt_loop(3), 3 * 4711);
	KT_EXPECT_EQ(t, seen.hits, 4);		/* the reader runs all the same */
	detach_both(t);
	if (!attach_with_reader(t, overrider, flags, "kt_glob_alpha"))
		return;
	runs = kt_glob_runs[0];
	kt_glob_alpha();
	KT_EXPECT_EQ(t, kt_glob_runs[0], runs);	/* the body does not */
	detach_both(t);
	kt_glob_alpha();
	KT_EXPECT_EQ(t, kt_glob_runs[0], runs + 1);
}

KTEST(ftrace, regs_override_return)
{
	KT_NEED_ARGS(t);
	both_ways(t, override_return);
}

static void redirect(struct ktest *t, unsigned int flags)
{
	if (!attach_with_reader(t, redirector, flags, "kt_sum"))
		return;
	KT_EXPECT_EQ(t, kt_sum(40, 2), 38);
	KT_EXPECT_EQ(t, seen.resume, (unsigned long)kt_difference);
	detach_both(t);
	KT_EXPECT_EQ(t, kt_sum(40, 2), 42);
}

KTEST(ftrace, regs_set_instruction_pointer)
{
	KT_NEED_ARGS(t);
	both_ways(t, redirect);
}

/* The same on every site of the kernel, whatever runs meanwhile. */
static void everywhere(struct ktest *t, unsigned int flags)
{
	reading = (struct ftrace_ops){ .func = reader, .flags = flags };
	memset(&seen, 0, sizeof(seen));
	seen.task = current;
	KT_ASSERT(t, !register_ftrace_function(&reading));
	kt_loop(100);
	kt_recurse(20);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&reading), 0);
	KT_EXPECT(t, seen.hits >= 122);
	KT_EXPECT_EQ(t, seen.null_fregs, 0);
	KT_EXPECT_EQ(t, seen.no_args, 0);
	KT_EXPECT_EQ(t, seen.wrong_parent, 0);
}

KTEST(ftrace, regs_never_null)
{
	KT_NEED_ARGS(t);
	both_ways(t, everywhere);
}
