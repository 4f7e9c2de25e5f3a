/* SPDX-License-Identifier: MIT */
/*
 * Code that enables preemption, in whatever way, checks whether another thread waits for the CPU.
 * Here a callback wakes an urgent thread, which must run before the traced function's caller goes
 * on. Untraced, because of the callbacks.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/current.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/recursion.h"
#include "trace/ftrace.h"
#include "trace/output/trace.h"
#include "trace/ring_buffer/ring_buffer.h"
#include "trace/ring_buffer/ring_buffer_write.h"

#define NAME "handle_mm_fault"

static struct task_struct *urgent;
static unsigned int nr_runs;
static bool takes_ticks;

/* A thread that no interrupt reaches would wait here for ever without the deadline. */
static int run_once_woken(void *data)
{
	unsigned long tick = jiffies;
	u64 deadline = ktime_get_ns() + 5 * NSEC_PER_SEC;

	while (tick == jiffies && ktime_get_ns() < deadline)
		arch_cpu_relax();
	takes_ticks = tick != jiffies;
	WRITE_ONCE(nr_runs, nr_runs + 1);
	return 0;
}

static void wake_urgent(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			struct ftrace_regs *fregs)
{
	wake_up_process(urgent);
}

static bool make_urgent(void)
{
	urgent = kthread_create(run_once_woken, NULL, "ktest-urgent");
	if (IS_ERR(urgent))
		return false;
	set_user_nice(urgent, -10);
	nr_runs = 0;
	takes_ticks = false;
	return true;
}

/* The fault is handled with interrupts off, so its end must check. */
KTEST(preempt, page_fault)
{
	struct ftrace_ops ops = { .func = wake_urgent };
	char *page = vmalloc_lazy(PAGE_SIZE);

	kt_one_cpu(t);
	KT_ASSERT(t, page && make_urgent());
	KT_ASSERT(t, !ftrace_set_filter(&ops, NAME, strlen(NAME), 1));
	KT_ASSERT(t, !register_ftrace_function(&ops));
	WRITE_ONCE(*page, 1);
	KT_EXPECT_EQ(t, READ_ONCE(nr_runs), 1);
	KT_EXPECT(t, takes_ticks && !arch_irqs_disabled());
	kthread_join(urgent);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&ops), 0);
	ftrace_free_filter(&ops);
	vfree(page);
}

/* Each of these wakes a thread in a place where that cannot run yet. */
static struct trace_buffer *ring;

static void from_callback(void)
{
	kt_glob_alpha();
}

static void from_guarded_section(void)
{
	int bit = ftrace_test_recursion_trylock(0, 0);

	wake_up_process(urgent);
	ftrace_test_recursion_unlock(bit);
}

static void from_written_event(void)
{
	struct ring_buffer_event *event = ring_buffer_lock_reserve(ring, 8);

	wake_up_process(urgent);
	if (event)
		ring_buffer_unlock_commit(ring);
}

static void write_event(void)
{
	if (ring_buffer_lock_reserve(ring, 8))
		ring_buffer_unlock_commit(ring);
}

/* It looks as if an interrupt had written an event in between, so the commit takes another path. */
static void from_event_around_another(void)
{
	struct ring_buffer_writer writer;

	/* The fast path is only for a writer that wrote a moment ago. */
	write_event();
	if (!ring_buffer_reserve_fast(ring, 8, &writer))
		return;
	current->preempt_count += HARDIRQ_OFFSET;
	write_event();
	current->preempt_count -= HARDIRQ_OFFSET;
	wake_up_process(urgent);
	ring_buffer_commit_fast(&writer, 8);
}

static void from_discarded_event(void)
{
	struct ring_buffer_event *event = ring_buffer_lock_reserve(ring, 8);

	wake_up_process(urgent);
	if (event)
		ring_buffer_discard_commit(ring, event);
}

/* It looks as if somebody had not checked, so the next call that records does. */
static void before_recorded_call(void)
{
	unsigned long flags = arch_irq_save();

	wake_up_process(urgent);
	arch_irq_restore(flags);
	kt_glob_alpha();
}

static void before_refused_event(void)
{
	unsigned long flags = arch_irq_save();

	wake_up_process(urgent);
	arch_irq_restore(flags);
	if (ring_buffer_lock_reserve(ring, 100000))
		ring_buffer_unlock_commit(ring);
}

static void wake_by_call(void *unused)
{
	wake_up_process(urgent);
}

static void from_call_of_all(void)
{
	on_each_cpu(wake_by_call, NULL);
}

static void with_interrupts_off(void)
{
	unsigned long flags = arch_irq_save();

	wake_up_process(urgent);
	irq_restore_and_look(flags);
}

static void look(struct ktest *t, const char *what, void (*act)(void))
{
	unsigned int seen;

	KT_ASSERT(t, make_urgent());
	act();
	seen = READ_ONCE(nr_runs);
	kthread_join(urgent);
	if (seen != 1 || !takes_ticks || preempt_count())
		ktest_fail(t, __FILE__, __LINE__, "%s: nobody looked", what);
}

KTEST(preempt, every_end_looks)
{
	ring = ring_buffer_alloc(4 * PAGE_SIZE, RB_FL_OVERWRITE);
	kt_one_cpu(t);
	KT_ASSERT(t, ring != NULL);
	look(t, "recursion guard", from_guarded_section);
	look(t, "commit", from_written_event);
	look(t, "commit around another", from_event_around_another);
	look(t, "discard", from_discarded_event);
	look(t, "refused event", before_refused_event);
	look(t, "call of all CPUs", from_call_of_all);
	look(t, "interrupts on", with_interrupts_off);
	ring_buffer_free(ring);
}

static void do_nothing(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		       struct ftrace_regs *fregs)
{
}

/* With one callback that has the core's recursion check, with two of them, and with SAVE_REGS. */
KTEST(preempt, assisted_callback)
{
	static const unsigned long flags[] = {
		0, FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED, FTRACE_OPS_FL_RECURSION,
		FTRACE_OPS_FL_RECURSION | FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED
	};
	struct ftrace_ops other = { .func = do_nothing, .flags = FTRACE_OPS_FL_RECURSION };

	kt_one_cpu(t);
	KT_ASSERT(t, !ftrace_set_filter(&other, "kt_glob_alpha", 13, 1));
	for (unsigned int n = 0; n < 2 * ARRAY_SIZE(flags); n++) {
		struct ftrace_ops ops = { .func = wake_urgent, .flags = flags[n / 2] };

		KT_ASSERT(t, !ftrace_set_filter(&ops, "kt_glob_alpha", 13, 1));
		KT_ASSERT(t, !register_ftrace_function(&ops));
		KT_ASSERT(t, !(n % 2 && register_ftrace_function(&other)));
		look(t, "callback", from_callback);
		if (n % 2)
			KT_EXPECT_EQ(t, unregister_ftrace_function(&other), 0);
		KT_EXPECT_EQ(t, unregister_ftrace_function(&ops), 0);
		ftrace_free_filter(&ops);
	}
	ftrace_free_filter(&other);
}

KTEST(preempt, function_tracer)
{
	kt_one_cpu(t);
	KT_ASSERT(t, !ftrace_set_global_filter("kt_glob_alpha", 13, 1));
	if (KT_EXPECT_EQ(t, tracing_set_tracer(&global_trace, "function"), 0))
		look(t, "function tracer", before_recorded_call);
	KT_EXPECT_EQ(t, tracing_set_tracer(&global_trace, "nop"), 0);
	KT_EXPECT_EQ(t, ftrace_set_global_filter(NULL, 0, 1), 0);
}
