/* SPDX-License-Identifier: MIT */
/*
 * Nobody waits for a thread that is not inside what is removed, and everybody waits for one that
 * is: for threads that sleep in direct functions of all kinds, or run in a callback whose call was
 * redirected. The direct functions are in the port's ktest_inside.S.
 */
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/current.h"
#include "kernel/sched/wait.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"

#define OWN_STACK_SIZE 8192
/* A waiter that has slept this often has looked at the sleeper and decided to wait. */
#define ASKED_ENOUGH 6

extern const char kt_inside_frameless[], kt_inside_taken[], kt_inside_elsewhere[];
extern const char kt_inside_end[];
void kt_inside(void);

unsigned long kt_inside_resume, kt_inside_stack;
static unsigned int inside;
static bool release;

static struct ftrace_ops direct_ops;

/* Direct functions call this. It sleeps until it is released. */
void kt_inside(void)
{
	WRITE_ONCE(inside, 1);
	while (!READ_ONCE(release))
		msleep(1);
	WRITE_ONCE(inside, 0);
}

static int call_sum(void *unused)
{
	return (int)kt_sum(40, 2);
}

/* A thread that removes something, and the result. */
struct taker {
	int (*take)(void *ops);
	void *ops;
	bool done, was_inside;
	int err;
};

static int take(void *data)
{
	struct taker *taker = data;

	taker->err = taker->take(taker->ops);
	taker->was_inside = READ_ONCE(inside);
	WRITE_ONCE(taker->done, true);
	return 0;
}

static int take_direct(void *unused)
{
	return unregister_ftrace_direct(&direct_ops, direct_ops.direct_call, true);
}

static int take_callback(void *ops)
{
	return unregister_ftrace_function(ops);
}

/*
 * Let @taker try while a thread is inside. With @waits, it must not be done before that thread has
 * left.
 */
static void try_to_take(struct ktest *t, struct taker *taker, bool waits)
{
	struct task_struct *task = kthread_run(take, taker, "kt-taker");

	if (!KT_EXPECT(t, !IS_ERR(task)))
		return;
	if (waits)
		KT_WAIT(t, READ_ONCE(taker->done) || READ_ONCE(task->nr_switches) > ASKED_ENOUGH);
	else
		KT_WAIT(t, READ_ONCE(taker->done));
	KT_EXPECT_EQ(t, READ_ONCE(taker->done), !waits);
	WRITE_ONCE(release, true);
	kthread_join(task);
	KT_EXPECT_EQ(t, taker->err, 0);
	KT_EXPECT_EQ(t, taker->was_inside, !waits);
}

static struct task_struct *start_caller(struct ktest *t)
{
	struct task_struct *task = kthread_create(call_sum, NULL, "kt-inside");

	release = false;
	inside = 0;
	if (!KT_EXPECT(t, !IS_ERR(task)))
		return NULL;
	/* It may run for long, so whoever waits for it must get the CPU. */
	set_user_nice(task, 2);
	wake_up_process(task);
	KT_WAIT(t, READ_ONCE(inside));
	return task;
}

/* A thread sleeps in @direct, which is removed. */
static void expect_wait(struct ktest *t, unsigned long direct)
{
	struct taker taker = { .take = take_direct };
	struct task_struct *caller;

	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&direct_ops, (unsigned long)kt_sum, 0, 1), 0);
	if (!KT_EXPECT_EQ(t, register_ftrace_direct(&direct_ops, direct), 0))
		return;
	caller = start_caller(t);
	if (caller) {
		try_to_take(t, &taker, true);
		KT_EXPECT_EQ(t, kthread_join(caller), 42);
	}
}

KTEST(inside, direct_without_frame)
{
	KT_NEED_ARGS(t);
	expect_wait(t, (unsigned long)kt_inside_frameless);
}

KTEST(inside, direct_that_took_its_caller_away)
{
	KT_NEED_ARGS(t);
	expect_wait(t, (unsigned long)kt_inside_taken);
}

/*
 * Code that was made at run time, as by a JIT compiler: no symbol tells where it ends. It begins at
 * the start of a page, or so close to the end of one that the call is on the next page.
 */
static void expect_wait_in_copy(struct ktest *t, char *pages, size_t at, const char *code)
{
	size_t size = (size_t)(kt_inside_end - code);

	KT_EXPECT_EQ(t, arch_text_write(pages + at, code, size), 0);
	smp_sync_cores();
	expect_wait(t, (unsigned long)pages + at);
}

KTEST(inside, direct_without_symbol)
{
	static const char *const codes[] = { kt_inside_frameless, kt_inside_taken };
	unsigned int n;
	char *pages;

	KT_NEED_ARGS(t);
	pages = execmem_alloc(2 * PAGE_SIZE);
	if (!KT_EXPECT(t, pages))
		return;
	for (n = 0; n < ARRAY_SIZE(codes); n++) {
		expect_wait_in_copy(t, pages, 0, codes[n]);
		expect_wait_in_copy(t, pages, PAGE_SIZE - 4, codes[n]);
	}
	execmem_free(pages, 2 * PAGE_SIZE);
}

static void expect_wait_on_stack(struct ktest *t, void *stack)
{
	if (!KT_EXPECT(t, stack))
		return;
	kt_inside_stack = (unsigned long)stack + OWN_STACK_SIZE;
	expect_wait(t, (unsigned long)kt_inside_elsewhere);
}

KTEST(inside, direct_on_a_stack_of_its_own)
{
	void *stack;

	KT_NEED_ARGS(t);
	stack = kmalloc(OWN_STACK_SIZE, GFP_KERNEL);
	expect_wait_on_stack(t, stack);
	kfree(stack);
	stack = vmalloc(OWN_STACK_SIZE);
	expect_wait_on_stack(t, stack);
	vfree(stack);
}

/* A callback is removed, the direct function on the same site stays, and a thread stays in it. */
KTEST(inside, direct_that_stays)
{
	struct counter counter = COUNTER;
	struct taker taker = { .take = take_callback, .ops = &counter.ops };
	struct task_struct *caller;

	KT_NEED_ARGS(t);
	KT_EXPECT_EQ(t, counter_start(&counter, "kt_sum"), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&direct_ops, (unsigned long)kt_sum, 0, 1), 0);
	KT_EXPECT_EQ(t, register_ftrace_direct(&direct_ops, (unsigned long)kt_inside_frameless), 0);
	caller = start_caller(t);
	if (caller) {
		try_to_take(t, &taker, false);
		KT_EXPECT_EQ(t, kthread_join(caller), 42);
	}
	KT_EXPECT_EQ(t, counter.hits, 1);
	KT_EXPECT_EQ(t, take_direct(NULL), 0);
	ftrace_free_filter(&counter.ops);
}

/* --- A thread that was seen at rest, and then runs --- */

static bool begins;

static int call_sum_when_told(void *unused)
{
	while (!READ_ONCE(begins))
		msleep(1);
	return (int)kt_sum(40, 2);
}

static void stay(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		 struct ftrace_regs *fregs)
{
	kt_inside();
}

/* Attaches and detaches something until that has left the mark on @task. */
static void wait_for_mark(struct ktest *t, const struct task_struct *task)
{
	u64 give_up = ktime_get_ns() + 10 * NSEC_PER_SEC;
	struct counter counter = COUNTER;

	while (!READ_ONCE(task->rests_clear) && ktime_get_ns() < give_up) {
		KT_EXPECT_EQ(t, counter_start(&counter, "kt_glob_alpha"), 0);
		KT_EXPECT(t, counter_stop(&counter));
	}
	KT_EXPECT(t, READ_ONCE(task->rests_clear));
}

/*
 * It sleeps outside of all calls, and later inspections need not look at it. Then it calls a
 * traced function and sleeps in its callback: those must find it.
 */
KTEST(inside, callback_of_a_thread_that_was_at_rest)
{
	struct ftrace_ops slow = { .func = stay };
	struct taker taker = { .take = take_callback, .ops = &slow };
	struct task_struct *caller;

	begins = release = false;
	inside = 0;
	caller = kthread_run(call_sum_when_told, NULL, "kt-rests");
	KT_ASSERT(t, !IS_ERR(caller));
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&slow, (unsigned long)kt_sum, 0, 1), 0);
	KT_EXPECT_EQ(t, register_ftrace_function(&slow), 0);
	wait_for_mark(t, caller);
	WRITE_ONCE(begins, true);
	KT_WAIT(t, READ_ONCE(inside));
	try_to_take(t, &taker, true);
	KT_EXPECT_EQ(t, kthread_join(caller), 42);
	ftrace_free_filter(&slow);
}

/* --- A call that IPMODIFY sends to where another site's call resumes --- */

static void send_elsewhere(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			   struct ftrace_regs *fregs)
{
	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)op->private);
}

static void run_until_released(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			       struct ftrace_regs *fregs)
{
	WRITE_ONCE(inside, 1);
	while (!READ_ONCE(release))
		arch_cpu_relax();
	WRITE_ONCE(inside, 0);
}

KTEST(inside, callback_behind_a_redirection)
{
	struct ftrace_ops sender = { .func = send_elsewhere, .flags = FTRACE_OPS_FL_IPMODIFY };
	struct ftrace_ops slow = { .func = run_until_released };
	struct taker taker = { .take = take_callback, .ops = &slow };
	struct task_struct *caller;

	KT_NEED_ARGS(t);
	sender.private = (void *)(ftrace_location((unsigned long)kt_difference) + FTRACE_INSN_SIZE);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&slow, (unsigned long)kt_sum, 0, 1), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&sender, (unsigned long)kt_sum, 0, 1), 0);
	/* The one that is registered last runs first. */
	KT_EXPECT_EQ(t, register_ftrace_function(&slow), 0);
	KT_EXPECT_EQ(t, register_ftrace_function(&sender), 0);
	caller = start_caller(t);
	if (caller) {
		try_to_take(t, &taker, true);
		KT_EXPECT_EQ(t, kthread_join(caller), 38);
	}
	KT_EXPECT_EQ(t, unregister_ftrace_function(&sender), 0);
	ftrace_free_filter(&sender);
	ftrace_free_filter(&slow);
}
