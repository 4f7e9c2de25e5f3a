/* SPDX-License-Identifier: MIT */
/*
 * Every function is traced and every workload runs at once, on all CPUs, while a reader takes out
 * what was recorded. Nothing may lock up, and what each CPU's buffer reports must add up to the
 * calls that were counted there. `ktest everything SECONDS` runs for that long. Untraced, because
 * of the counting callback.
 */
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/time.h"
#include "samples/workload/workload.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "trace/ftrace.h"
#include "trace/output/trace.h"

#define SHORT_MS 1000
#define BUFFER_SIZE (64 * PAGE_SIZE)

static unsigned long counted[NR_CPUS], taken[NR_CPUS];
static ftrace_func_t record_call;	/* the function tracer's callback */
static bool reader_over;

/*
 * A call must be recorded on the CPU on which it was counted, whatever interrupts it, so the
 * callback stays there.
 */
static void count_and_record(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			     struct ftrace_regs *fregs)
{
	preempt_disable_notrace();
	__atomic_add_fetch(&counted[smp_processor_id()], 1, __ATOMIC_RELAXED);
	record_call(ip, parent_ip, op, fregs);
	preempt_enable_notrace();
}

static struct ftrace_ops counting_ops = { .func = count_and_record };

static int reader(void *unused)
{
	unsigned int cpu, n;

	while (!READ_ONCE(reader_over)) {
		for_each_online_cpu(cpu)
			for (n = 0; n < 2000; n++)
				if (!ring_buffer_consume(global_trace.buffer, (int)cpu, NULL, NULL))
					break;
				else
					taken[cpu]++;
		msleep(10);
	}
	return 0;
}

static void work(struct ktest *t, unsigned int ms)
{
	struct workload_run runs[NR_WORKLOADS];
	struct task_struct *task;
	unsigned int n;

	reader_over = false;
	task = kthread_run(reader, NULL, "everything-read");
	KT_ASSERT(t, !IS_ERR(task));
	if (KT_EXPECT_EQ(t, register_ftrace_function(&counting_ops), 0)) {
		KT_EXPECT_EQ(t, workload_execute_all(ms, runs), 0);
		KT_EXPECT_EQ(t, unregister_ftrace_function(&counting_ops), 0);
		for (n = 0; n < NR_WORKLOADS; n++)
			ktest_note(t, "%s", runs[n].report);
	}
	WRITE_ONCE(reader_over, true);
	kthread_join(task);
}

static void check_cpu(struct ktest *t, unsigned int cpu)
{
	struct trace_buffer *buffer = global_trace.buffer;
	unsigned long left = ring_buffer_entries_cpu(buffer, (int)cpu);
	unsigned long overrun = ring_buffer_overrun_cpu(buffer, (int)cpu);
	unsigned long dropped = ring_buffer_dropped_events_cpu(buffer, (int)cpu) +
		ring_buffer_commit_overrun_cpu(buffer, (int)cpu);

	KT_EXPECT_EQ(t, taken[cpu], ring_buffer_read_events_cpu(buffer, (int)cpu));
	KT_EXPECT_EQ(t, counted[cpu], taken[cpu] + left + overrun + dropped);
	KT_EXPECT(t, counted[cpu] > 0);
	ktest_note(t, "cpu%u: %lu calls = %lu read + %lu left + %lu overwritten + %lu dropped", cpu,
		  counted[cpu], taken[cpu], left, overrun, dropped);
}

KTEST(everything, all_workloads_with_all_functions_traced)
{
	unsigned long size = usual_buffer_size();
	unsigned int cpu;

	memset(counted, 0, sizeof(counted));
	memset(taken, 0, sizeof(taken));
	KT_EXPECT_EQ(t, tracing_set_tracer(&global_trace, "function"), 0);
	record_call = global_trace.function;
	KT_EXPECT_EQ(t, tracing_set_tracer(&global_trace, "nop"), 0);
	KT_EXPECT_EQ(t, tracing_resize(&global_trace, BUFFER_SIZE, RING_BUFFER_ALL_CPUS), 0);
	tracing_reset(&global_trace);
	tracing_on();
	work(t, ktest_wish.seconds ? ktest_wish.seconds * 1000 : SHORT_MS);
	for_each_online_cpu(cpu)
		check_cpu(t, cpu);
	KT_EXPECT_EQ(t, tracing_resize(&global_trace, size, RING_BUFFER_ALL_CPUS), 0);
	tracing_reset(&global_trace);
}
