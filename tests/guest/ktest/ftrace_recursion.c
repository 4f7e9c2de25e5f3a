/* SPDX-License-Identifier: MIT */
/*
 * Callbacks that call the functions that they trace. The core cuts the recursion for
 * FTRACE_OPS_FL_RECURSION, or the callback itself does with the trylock; each context counts
 * separately.
 */
#include "kernel/lib/string.h"
#include "kernel/sched/current.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/recursion.h"

static unsigned int runs, refused;

/* Traces kt_sum() and calls it, which would not end without the core's protection. */
static void unprotected(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			struct ftrace_regs *fregs)
{
	if (++runs < 100)
		kt_sum(1, 1);
}

static void protected(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		      struct ftrace_regs *fregs)
{
	int bit = ftrace_test_recursion_trylock(ip, parent_ip);

	if (bit < 0) {
		refused++;
		return;
	}
	runs++;
	kt_sum(1, 1);
	ftrace_test_recursion_unlock(bit);
}

static void run_one(struct ktest *t, ftrace_func_t func, unsigned int flags)
{
	static struct ftrace_ops op;
	unsigned int recursion = current->trace_recursion, count = preempt_count();

	op = (struct ftrace_ops){ .func = func, .flags = flags };
	runs = refused = 0;
	KT_ASSERT(t, !ftrace_set_filter(&op, "kt_sum", 6, 1));
	KT_ASSERT(t, !register_ftrace_function(&op));
	KT_EXPECT_EQ(t, kt_sum(20, 22), 42);
	KT_EXPECT_EQ(t, current->trace_recursion, recursion);
	KT_EXPECT_EQ(t, preempt_count(), count);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&op), 0);
	ftrace_free_filter(&op);
}

/* The core cuts the recursion, so that the callback runs once. */
KTEST(ftrace, recursion_flag)
{
	run_one(t, unprotected, FTRACE_OPS_FL_RECURSION);
	KT_EXPECT_EQ(t, runs, 1);
}

KTEST(ftrace, recursion_flag_with_saved_regs)
{
	if (!FTRACE_HAVE_SAVE_REGS)
		KT_SKIP(t, "built without save_regs");
	run_one(t, unprotected, FTRACE_OPS_FL_RECURSION | FTRACE_OPS_FL_SAVE_REGS);
	KT_EXPECT_EQ(t, runs, 1);
}

/*
 * On Linux it runs once more, in a transition slot; here an interrupt cannot be mistaken for what
 * it interrupts.
 */
KTEST(ftrace, recursion_trylock)
{
	run_one(t, protected, 0);
	KT_EXPECT_EQ(t, runs, 1);
	KT_EXPECT_EQ(t, refused, 1);
}

/* Only this ops is cut: a callback beside it sees every call, the nested ones too. */
KTEST(ftrace, recursion_beside_others)
{
	static struct counter c = COUNTER;

	KT_ASSERT(t, !counter_start(&c, "kt_sum"));
	run_one(t, unprotected, FTRACE_OPS_FL_RECURSION);
	KT_EXPECT_EQ(t, c.hits, 1 + runs);
	KT_EXPECT(t, counter_stop(&c));
}

/* Flags are per context: being inside a callback must not stop an interrupt's callbacks. */
KTEST(ftrace, recursion_contexts)
{
	unsigned long flags = arch_irq_save();
	int outer = trace_recursion_trylock(TRACE_RECURSION_FTRACE);
	int again = trace_recursion_trylock(TRACE_RECURSION_FTRACE);
	int other = trace_recursion_trylock(TRACE_RECURSION_ASSIST);
	int in_irq, in_irq_again, in_nmi;

	irq_enter();
	in_irq = trace_recursion_trylock(TRACE_RECURSION_FTRACE);
	in_irq_again = trace_recursion_trylock(TRACE_RECURSION_FTRACE);
	nmi_enter();
	in_nmi = trace_recursion_trylock(TRACE_RECURSION_FTRACE);
	nmi_exit();
	irq_exit();
	KT_EXPECT(t, outer >= 0 && again < 0 && other >= 0);
	KT_EXPECT(t, in_irq >= 0 && in_irq_again < 0 && in_nmi >= 0);
	trace_recursion_unlock(other);
	trace_recursion_unlock(outer);
	KT_EXPECT_EQ(t, current->trace_recursion, 0);
	arch_irq_restore(flags);
}
