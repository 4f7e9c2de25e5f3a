/* SPDX-License-Identifier: MIT */
/*
 * Backtraces through the tracer: from inside callbacks and direct functions, and from timer
 * interrupts that come in callbacks, in trampolines and in everything around them. Each must show
 * the traced function and its caller exactly once, in that order, and no trampoline.
 */
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "kernel/sched/wait.h"
#include "kernel/trace_hooks.h"
#include "kernel/unwind.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"

#define MAX_PCS 48

struct stack {
	unsigned long pcs[MAX_PCS];
	unsigned int nr;
};

static unsigned long function_of(unsigned long pc)
{
	unsigned long offset;

	return kallsyms_lookup_size_offset(pc, NULL, &offset) ? pc - offset : 0;
}

/* Returns how often @function is in @stack; *@at is its first place. */
static unsigned int count_in(const struct stack *stack, unsigned long function, unsigned int *at)
{
	unsigned int n, count = 0;

	for (n = stack->nr; n--;) {
		if (function_of(stack->pcs[n]) != function)
			continue;
		*at = n;
		count++;
	}
	return count;
}

/* Lists the innermost addresses for the message. */
static void describe(const struct stack *stack, char *text, size_t size)
{
	unsigned int n;
	int len = 0;

	text[0] = '\0';
	for (n = 0; n < stack->nr && n < 12; n++)
		len += scnprintf(text + len, size - (size_t)len, " %ps", (void *)stack->pcs[n]);
}

/*
 * Returns NULL, or what is wrong with the stack: it must have @inner called by @outer, each once,
 * and no trampoline.
 */
static const char *wrong_with(const struct stack *stack, unsigned long inner, unsigned long outer)
{
	unsigned int n, at_inner = 0, at_outer = 0;

	for (n = 0; n < stack->nr; n++)
		if (ftrace_is_trampoline(stack->pcs[n]))
			return "a trampoline shows";
	if (count_in(stack, inner, &at_inner) != 1)
		return "the traced function is not there once";
	if (count_in(stack, outer, &at_outer) != 1)
		return "its caller is not there once";
	return at_outer == at_inner + 1 ? NULL : "they do not follow each other";
}

static void expect_chain(struct ktest *t, const struct stack *stack, const char *what,
			 unsigned long inner, unsigned long outer)
{
	const char *wrong = wrong_with(stack, inner, outer);
	char text[160];

	if (!wrong)
		return;
	describe(stack, text, sizeof(text));
	ktest_fail(t, __FILE__, __LINE__, "%s: %s:%s", what, wrong, text);
}

static struct stack seen;

static void save_stack(void)
{
	seen.nr = min(stack_trace_save(seen.pcs, MAX_PCS, 0), (unsigned int)MAX_PCS);
}

static void saving_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			    struct ftrace_regs *fregs)
{
	save_stack();
}

/*
 * Callbacks whose frames are moved: by locals with an alignment that the stack does not have, and
 * by locals whose size is not known when compiling.
 */
#define DEFINE_ALIGNED_CALLBACK(bytes)							\
static void aligned_##bytes##_callback(unsigned long ip, unsigned long parent_ip,	\
				       struct ftrace_ops *op, struct ftrace_regs *fregs)	\
{											\
	char local[bytes] __attribute__((aligned(bytes)));				\
											\
	__asm__ volatile("" : : "r"(local), "r"(fregs) : "memory");			\
	local[ip % bytes] = 1;								\
	save_stack();									\
	__asm__ volatile("" : : "r"(local), "r"(fregs) : "memory");			\
}
DEFINE_ALIGNED_CALLBACK(8)
DEFINE_ALIGNED_CALLBACK(16)
DEFINE_ALIGNED_CALLBACK(64)
DEFINE_ALIGNED_CALLBACK(256)

static void variable_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			      struct ftrace_regs *fregs)
{
	char aligned[32] __attribute__((aligned(32)));
	char *local = __builtin_alloca(16 + ip % 61);

	__asm__ volatile("" : : "r"(local), "r"(aligned), "r"(fregs) : "memory");
	save_stack();
	__asm__ volatile("" : : "r"(local), "r"(aligned), "r"(fregs) : "memory");
}

static unsigned long nothing(unsigned long value)
{
	return value;
}

static struct ftrace_ops saving, beside;

static bool attach(struct ktest *t, struct ftrace_ops *op, ftrace_func_t func, unsigned int flags,
		   const char *function)
{
	*op = (struct ftrace_ops){ .func = func, .flags = flags };
	return KT_EXPECT_EQ(t, ftrace_set_filter(op, function, (int)strlen(function), 1), 0) &&
	       KT_EXPECT_EQ(t, register_ftrace_function(op), 0);
}

static void detach(struct ktest *t, struct ftrace_ops *op)
{
	KT_EXPECT_EQ(t, unregister_ftrace_function(op), 0);
	ftrace_free_filter(op);
}

static void call_kt_outer(struct ktest *t, const char *what)
{
	seen.nr = 0;
	KT_EXPECT_EQ(t, kt_outer(nothing, 40), 42);
	expect_chain(t, &seen, what, (unsigned long)kt_inner, (unsigned long)kt_outer);
}

static void idle_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			  struct ftrace_regs *fregs)
{
}

static void from_callback_with(struct ktest *t, ftrace_func_t callback, unsigned int flags)
{
	if (!attach(t, &saving, callback, flags, "kt_inner"))
		return;
	call_kt_outer(t, "one callback");
	if (attach(t, &beside, idle_callback, 0, "kt_[io]*")) {
		call_kt_outer(t, "two callbacks");
		detach(t, &beside);
	}
	detach(t, &saving);
}

static void from_callback(struct ktest *t, unsigned int flags)
{
	from_callback_with(t, saving_callback, flags);
}

KTEST(unwind, from_callback_with_moved_frame)
{
	static const ftrace_func_t callbacks[] = {
		aligned_8_callback, aligned_16_callback, aligned_64_callback,
		aligned_256_callback, variable_callback,
	};

	for (unsigned int n = 0; n < ARRAY_SIZE(callbacks); n++) {
		from_callback_with(t, callbacks[n], 0);
		from_callback_with(t, callbacks[n], FTRACE_OPS_FL_RECURSION);
		if (FTRACE_HAVE_SAVE_REGS)
			from_callback_with(t, callbacks[n], FTRACE_OPS_FL_SAVE_REGS);
	}
}

static noinline void report_below(unsigned int levels);

static noinline void turn_below(unsigned int levels)
{
	report_below(levels - 1);
	__asm__ volatile("" : : : "memory");		/* a frame, no tail call */
}

static void report_below(unsigned int levels)
{
	if (levels)
		turn_below(levels);
	else
		show_stack(NULL, NULL);
	__asm__ volatile("" : : : "memory");
}

/* A report has at most 64 lines, and tells how many frames it leaves out. */
KTEST(unwind, long_report_counts_the_rest)
{
	int level = console_loglevel;
	u64 few = 0, many;

	log_has(&few, "");
	report_below(10);
	many = few;
	KT_EXPECT(t, !log_has(&many, " more\n"));
	few = many;
	report_below(100);
	KT_EXPECT(t, log_has(&many, " more\n"));
	KT_EXPECT(t, log_has(&few, " ... and 1"));
	console_loglevel = level;
}

KTEST(unwind, from_callback)
{
	from_callback(t, 0);
	from_callback(t, FTRACE_OPS_FL_RECURSION);
}

KTEST(unwind, from_save_regs_callback)
{
	if (!FTRACE_HAVE_SAVE_REGS)
		KT_SKIP(t, "built without save_regs");
	from_callback(t, FTRACE_OPS_FL_SAVE_REGS);
}

static void from_direct(struct ktest *t, unsigned long addr)
{
	struct ftrace_ops *direct = &probe_direct_ops;
	unsigned int at = 0;

	KT_ASSERT(t, !ftrace_set_filter(direct, "kt_inner", 8, 1));
	KT_ASSERT(t, !register_ftrace_direct(direct, addr));
	probe_direct_hook = save_stack;
	call_kt_outer(t, "direct alone");
	KT_EXPECT_EQ(t, count_in(&seen, addr, &at), 1);
	if (attach(t, &beside, idle_callback, 0, "kt_inner")) {
		call_kt_outer(t, "direct and callback");
		KT_EXPECT_EQ(t, count_in(&seen, addr, &at), 1);
		detach(t, &beside);
	}
	probe_direct_hook = NULL;
	KT_EXPECT_EQ(t, unregister_ftrace_direct(direct, addr, true), 0);
}

KTEST(unwind, from_direct_function)
{
	KT_NEED_ARGS(t);
	from_direct(t, PROBE_A);
	from_direct(t, PROBE_B);
}

/* A thread sleeps in a call from kt_inner(), and this one looks at it. */
static DECLARE_COMPLETION(sleeper_may_go);

static unsigned long sleep_here(unsigned long value)
{
	wait_for_completion(&sleeper_may_go);
	return value;
}

static int sleeper(void *data)
{
	return (int)kt_outer(sleep_here, 1);
}

KTEST(unwind, of_sleeping_thread)
{
	struct task_struct *task;
	struct unwind_state state;

	kt_one_cpu(t);			/* it does not run while we look */
	task = kthread_run(sleeper, NULL, "ktest-sleeper");
	KT_ASSERT(t, !IS_ERR(task));
	KT_WAIT(t, READ_ONCE(task->__state) == TASK_UNINTERRUPTIBLE);
	seen.nr = 0;
	arch_unwind_start(&state, task, NULL);
	do {
		if (seen.nr < MAX_PCS)
			seen.pcs[seen.nr++] = state.pc;
	} while (arch_unwind_step(&state));
	KT_EXPECT(t, state.at_end);
	complete(&sleeper_may_go);
	KT_EXPECT_EQ(t, kthread_join(task), 3);
	expect_chain(t, &seen, "sleeping", (unsigned long)kt_inner, (unsigned long)kt_outer);
}

/*
 * Looks from the timer interrupt, in a callback on a function that it calls, for as long as armed
 * is set. A callback in the loop sets that first; the tick ends the loop after TICKS looks.
 */
#define TICKS 25

static bool armed;
static unsigned int looks, bad, stop;
static struct stack first_bad;
static const char *first_wrong;
static unsigned long loop_inner, loop_outer;

static void tick_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			  struct ftrace_regs *fregs)
{
	static struct stack stack;
	const char *wrong;

	if (!in_hardirq() || smp_processor_id() || !READ_ONCE(armed) || stop)
		return;
	stack.nr = min(stack_trace_save(stack.pcs, MAX_PCS, 0), (unsigned int)MAX_PCS);
	wrong = wrong_with(&stack, loop_inner, loop_outer);
	if (wrong && !bad++) {
		first_bad = stack;
		first_wrong = wrong;
	}
	if (++looks == TICKS)
		stop = 1;
}

static void arming_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			    struct ftrace_regs *fregs)
{
	WRITE_ONCE(armed, true);
}

static void arm(void)
{
	WRITE_ONCE(armed, true);
}

static noinline unsigned long run_loop(void)
{
	unsigned long total = kt_loop_until(&stop);

	barrier();
	return total;
}

/*
 * Looks from ticks while kt_loop_until() runs: that and run_loop() must always be in the stack. A
 * tick may look only once everything is attached and, unless @arm_at_once is set, a callback has
 * run.
 */
static void tick_during_loop(struct ktest *t, const char *what, bool arm_at_once)
{
	static struct ftrace_ops tick;
	char text[160];

	loop_inner = (unsigned long)kt_loop_until;
	loop_outer = (unsigned long)run_loop;
	looks = bad = stop = 0;
	if (!attach(t, &tick, tick_callback, 0, "time_tick"))
		return;
	WRITE_ONCE(armed, arm_at_once);
	run_loop();
	WRITE_ONCE(armed, false);
	detach(t, &tick);
	KT_EXPECT_EQ(t, looks, TICKS);
	if (!bad)
		return;
	describe(&first_bad, text, sizeof(text));
	ktest_fail(t, __FILE__, __LINE__, "%s: %u of %u: %s:%s", what, bad, looks, first_wrong,
		   text);
}

KTEST(unwind, from_interrupt)
{
	kt_one_cpu(t);
	tick_during_loop(t, "untraced", true);
}

static void interrupted_callback(struct ktest *t, const char *what, unsigned int flags)
{
	if (!attach(t, &saving, arming_callback, flags, "kt_sum"))
		return;
	tick_during_loop(t, what, false);
	detach(t, &saving);
}

KTEST(unwind, from_interrupt_in_callback)
{
	kt_one_cpu(t);
	interrupted_callback(t, "callback", 0);
}

KTEST(unwind, from_interrupt_in_save_regs_callback)
{
	kt_one_cpu(t);
	if (!FTRACE_HAVE_SAVE_REGS)
		KT_SKIP(t, "built without save_regs");
	interrupted_callback(t, "SAVE_REGS callback", FTRACE_OPS_FL_SAVE_REGS);
}

KTEST(unwind, from_interrupt_in_several_callbacks)
{
	kt_one_cpu(t);
	if (!attach(t, &beside, idle_callback, 0, "kt_sum"))
		return;
	interrupted_callback(t, "callbacks", 0);
	detach(t, &beside);
}

KTEST(unwind, from_interrupt_in_direct_function)
{
	struct ftrace_ops *direct = &probe_direct_ops;

	KT_NEED_ARGS(t);
	kt_one_cpu(t);
	KT_ASSERT(t, !ftrace_set_filter(direct, "kt_sum", 6, 1));
	KT_ASSERT(t, !register_ftrace_direct(direct, PROBE_B));
	probe_direct_hook = arm;
	tick_during_loop(t, "direct", false);
	interrupted_callback(t, "direct and callback", 0);
	probe_direct_hook = NULL;
	KT_EXPECT_EQ(t, unregister_ftrace_direct(direct, PROBE_B, true), 0);
}
