/* SPDX-License-Identifier: MIT */
/*
 * Tests the unwinder at every instruction. The code runs single-stepped, through prologues and
 * epilogues, trampolines, stubs, callbacks and direct calls, and after each instruction its whole
 * stack is walked. From one instruction to the next, a stack may only gain or lose its innermost
 * function, or exchange it (a tail call). Untraced, because the debug exception is.
 */
#include "arch/i386/i386.h"
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/unwind.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/step.h"
#include "tests/guest/ktest/targets.h"
#include "trace/ftrace.h"

#define MAX_DEPTH 40

struct chain {
	unsigned int nr;		/* 0 if it is not known */
	unsigned long functions[MAX_DEPTH];
};

static struct chain before;
static unsigned int nr_steps, nr_wrong;
static char first_wrong[200];

/* A return address may lie behind its function, if the call was the last instruction. */
static unsigned long function_of(unsigned long pc, bool is_return)
{
	unsigned long size, offset;

	pc -= is_return;
	return kallsyms_lookup_size_offset(pc, &size, &offset) ? pc - offset : 0;
}

/* Returns false if the walk did not get to the thread's first function. */
static bool walk(struct chain *chain, const struct pt_regs *regs)
{
	struct unwind_state state;

	chain->nr = 0;
	arch_unwind_start(&state, current, regs);
	do {
		if (chain->nr == MAX_DEPTH)
			return false;
		chain->functions[chain->nr] = function_of(state.pc, chain->nr > 0);
		chain->nr++;
	} while (arch_unwind_step(&state));
	return state.at_end;
}

/* Are the chains the same without their innermost @skip_a and @skip_b functions? */
static bool same_but(const struct chain *a, unsigned int skip_a, const struct chain *b,
		     unsigned int skip_b)
{
	unsigned int nr = a->nr - skip_a;

	return nr == b->nr - skip_b &&
	       !memcmp(a->functions + skip_a, b->functions + skip_b, nr * sizeof(long));
}

static void complain(const char *what, const struct pt_regs *regs, const struct chain *now)
{
	unsigned int i;
	int len;

	if (nr_wrong++)
		return;
	len = scnprintf(first_wrong, sizeof(first_wrong), "%s at %pS:", what, (void *)regs->ip);
	for (i = 0; i < now->nr && i < 6; i++)
		len += scnprintf(first_wrong + len, sizeof(first_wrong) - (size_t)len, " %ps",
				 (void *)now->functions[i]);
}

static void check_step(struct pt_regs *regs)
{
	static struct chain now;

	nr_steps++;
	if (!walk(&now, regs))
		complain("the walk does not reach the end", regs, &now);
	else if (before.nr && !same_but(&before, 1, &now, 1) && !same_but(&before, 0, &now, 1) &&
		 !same_but(&before, 1, &now, 0))
		complain("functions appear or vanish", regs, &now);
	before = now;
}

static unsigned long call_sum(unsigned long value)
{
	return kt_sum(value, 1);
}

/*
 * Calls leaf functions and deep ones, through pointers, by tail calls, with divisions, and much of
 * the kernel's C.
 */
static void body(void)
{
	char text[64];

	kt_outer(call_sum, 40);
	kt_many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
	kt_recurse(4);
	kfree(kmalloc(100, GFP_KERNEL));
	scnprintf(text, sizeof(text), "%llu %pS", 1234567890123ull, (void *)body);
}

static void step_body(struct ktest *t, unsigned int at_least)
{
	before.nr = nr_steps = nr_wrong = 0;
	ktest_single_step(body, check_step);
	KT_EXPECT(t, nr_steps >= at_least);
	if (nr_wrong)
		ktest_fail(t, __FILE__, __LINE__, "%u of %u: %s", nr_wrong, nr_steps, first_wrong);
}

static void idle_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			  struct ftrace_regs *fregs)
{
}

static void deep_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			  struct ftrace_regs *fregs)
{
	char text[32];

	scnprintf(text, sizeof(text), "%lx", ip);
}

static struct ftrace_ops first, second, direct;

static bool set_filter(struct ktest *t, struct ftrace_ops *op)
{
	static const char *const globs[] = { "kt_[iomrs]*", "k*alloc", "kfree", "*_pages" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(globs); i++)
		if (!KT_EXPECT_EQ(t, ftrace_set_filter(op, globs[i], (int)strlen(globs[i]), !i), 0))
			return false;
	return true;
}

static bool attach(struct ktest *t, struct ftrace_ops *op, ftrace_func_t func, unsigned int flags)
{
	*op = (struct ftrace_ops){ .func = func, .flags = flags };
	return set_filter(t, op) && KT_EXPECT_EQ(t, register_ftrace_function(op), 0);
}

static void detach(struct ktest *t, struct ftrace_ops *op)
{
	KT_EXPECT_EQ(t, unregister_ftrace_function(op), 0);
	ftrace_free_filter(op);
}

/* A direct trampoline as people usually write it. */
void ktest_step_tramp(void);
void ktest_step_direct(unsigned long argument);
__asm__(
	"	.pushsection .text.ktest_step_tramp, \"ax\", @progbits\n"
	"	.type	ktest_step_tramp, @function\n"
	"ktest_step_tramp:\n"
	"	pushl	%ebp\n"
	"	movl	%esp, %ebp\n"
	"	pushl	%eax\n"
	"	pushl	%edx\n"
	"	pushl	%ecx\n"
	"	call	ktest_step_direct\n"
	"	popl	%ecx\n"
	"	popl	%edx\n"
	"	popl	%eax\n"
	"	popl	%ebp\n"
	"	ret\n"
	"	.size	ktest_step_tramp, . - ktest_step_tramp\n"
	"	.popsection\n");

void ktest_step_direct(unsigned long argument)
{
	char text[16];

	scnprintf(text, sizeof(text), "%lx", argument);
}

static void with_callback(struct ktest *t, ftrace_func_t func, unsigned int flags)
{
	if (attach(t, &first, func, flags)) {
		step_body(t, 2000);
		detach(t, &first);
	}
}

KTEST(unwind, each_instruction)
{
	step_body(t, 1000);
}

KTEST(unwind, each_instruction_of_callback)
{
	with_callback(t, deep_callback, 0);
	with_callback(t, deep_callback, FTRACE_OPS_FL_RECURSION);
}

KTEST(unwind, each_instruction_of_save_regs_callback)
{
	if (!FTRACE_HAVE_SAVE_REGS)
		KT_SKIP(t, "built without save_regs");
	with_callback(t, deep_callback, FTRACE_OPS_FL_SAVE_REGS);
}

KTEST(unwind, each_instruction_of_several_callbacks)
{
	if (!attach(t, &second, idle_callback, 0))
		return;
	with_callback(t, deep_callback, 0);
	with_callback(t, deep_callback, FTRACE_OPS_FL_RECURSION);
	if (FTRACE_HAVE_SAVE_REGS)
		with_callback(t, deep_callback, FTRACE_OPS_FL_SAVE_REGS);
	detach(t, &second);
}

KTEST(unwind, each_instruction_of_direct_call)
{
	KT_NEED_ARGS(t);
	direct = (struct ftrace_ops){ 0 };
	KT_ASSERT(t, set_filter(t, &direct));
	KT_ASSERT(t, !register_ftrace_direct(&direct, (unsigned long)ktest_step_tramp));
	step_body(t, 2000);
	with_callback(t, deep_callback, 0);
	if (FTRACE_HAVE_SAVE_REGS)
		with_callback(t, deep_callback, FTRACE_OPS_FL_SAVE_REGS);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&direct, (unsigned long)ktest_step_tramp, true),
		     0);
}
