/* SPDX-License-Identifier: MIT */
/*
 * Nothing is lost without being counted. Every function is traced and every CPU works; a callback
 * counts each call and passes it on to the function tracer's callback. What that one recorded,
 * overwrote, dropped and still holds must add up to the count, for each CPU and for each function.
 * A call during which the callback is attached or detached is either counted and recorded, or
 * neither, so that the sums are exact. Untraced, because of the counting callback.
 */
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/sched.h"
#include "samples/workload/workload.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/probe.h"
#include "trace/output/trace.h"

#define NR_BUSIEST 20

/* The index is (ip - _text) / 4: sites are at least that far apart. */
struct tally {
	unsigned int called, recorded;
};
static struct tally *tallies;
static size_t nr_tallies;
static unsigned long dispatched[NR_CPUS], recorded[NR_CPUS];
static ftrace_func_t record_call;	/* the function tracer's callback */

static struct tally *tally_of(unsigned long ip)
{
	size_t index = (ip - (unsigned long)_text) / 4;

	return index < nr_tallies ? &tallies[index] : NULL;
}

/*
 * A call must be recorded on the CPU on which it was counted, so the callback stays there. The
 * count is atomic, because interrupts call this too.
 */
static void count_call(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		       struct ftrace_regs *fregs)
{
	struct tally *tally = tally_of(ip);

	preempt_disable_notrace();
	__atomic_add_fetch(&dispatched[smp_processor_id()], 1, __ATOMIC_RELAXED);
	if (tally)
		__atomic_add_fetch(&tally->called, 1, __ATOMIC_RELAXED);
	record_call(ip, parent_ip, op, fregs);
	preempt_enable_notrace();
}

static struct ftrace_ops counting_ops = { .func = count_call };

static bool start_counting(struct ktest *t)
{
	return KT_EXPECT_EQ(t, register_ftrace_function(&counting_ops), 0);
}

/* Returns when no thread is in the callback any more. */
static void stop_counting(struct ktest *t)
{
	KT_EXPECT_EQ(t, unregister_ftrace_function(&counting_ops), 0);
}

struct before {
	const char *tracer;
	bool on;
	unsigned long size;
};

static bool begin(struct ktest *t, struct before *before, unsigned long size, bool overwrite)
{
	before->tracer = global_trace.current_trace->name;
	before->on = tracing_is_on();
	before->size = usual_buffer_size();
	memset(dispatched, 0, sizeof(dispatched));
	memset(recorded, 0, sizeof(recorded));
	nr_tallies = (size_t)(_etext - _text) / 4;
	tallies = vzalloc(nr_tallies * sizeof(*tallies));
	if (!KT_EXPECT(t, tallies != NULL))
		return false;
	ring_buffer_change_overwrite(global_trace.buffer, overwrite);
	if (!KT_EXPECT_EQ(t, tracing_set_tracer(&global_trace, "function"), 0))
		return false;
	record_call = global_trace.function;
	if (!KT_EXPECT_EQ(t, tracing_set_tracer(&global_trace, "nop"), 0) ||
	    !KT_EXPECT_EQ(t, tracing_resize(&global_trace, size, RING_BUFFER_ALL_CPUS), 0))
		return false;
	tracing_on();
	tracing_reset(&global_trace);
	return true;
}

static void end(struct ktest *t, const struct before *before)
{
	ring_buffer_change_overwrite(global_trace.buffer, true);
	KT_EXPECT_EQ(t, tracing_resize(&global_trace, before->size, RING_BUFFER_ALL_CPUS), 0);
	KT_EXPECT_EQ(t, tracing_set_tracer(&global_trace, before->tracer), 0);
	tracing_reset(&global_trace);
	if (!before->on)
		tracing_off();
	vfree(tallies);
	tallies = NULL;
	nr_tallies = 0;
}

/* Consume what is in @cpu's buffer now. Every event must be a call of a known site. */
static void drain(struct ktest *t, unsigned int cpu)
{
	struct ring_buffer_event *event;

	while ((event = ring_buffer_consume(global_trace.buffer, (int)cpu, NULL, NULL))) {
		const struct ftrace_entry *entry = ring_buffer_event_data(event);
		struct tally *tally = tally_of(entry->ip);

		recorded[cpu]++;
		if (!KT_EXPECT_EQ(t, entry->ent.type, TRACE_FN) || !KT_EXPECT(t, tally != NULL))
			continue;
		tally->recorded++;
	}
}

static void drain_all(struct ktest *t)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		drain(t, cpu);
}

/* Checks on each CPU: dispatched = read + left + overrun + dropped. */
static void expect_balance(struct ktest *t)
{
	struct trace_buffer *buffer = global_trace.buffer;
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		unsigned long read = ring_buffer_read_events_cpu(buffer, (int)cpu);
		unsigned long left = ring_buffer_entries_cpu(buffer, (int)cpu);
		unsigned long overrun = ring_buffer_overrun_cpu(buffer, (int)cpu);
		unsigned long dropped = ring_buffer_dropped_events_cpu(buffer, (int)cpu) +
			ring_buffer_commit_overrun_cpu(buffer, (int)cpu);

		KT_EXPECT_EQ(t, recorded[cpu], read);
		if (dispatched[cpu] != read + left + overrun + dropped)
			ktest_fail(t, __FILE__, __LINE__,
				   "cpu %u: %lu calls, but %lu read + %lu left + %lu overrun + "
				   "%lu dropped", cpu, dispatched[cpu], read, left, overrun,
				   dropped);
	}
}

static unsigned long sum_dispatched(void)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_online_cpu(cpu)
		sum += dispatched[cpu];
	return sum;
}

static void work(struct ktest *t, const char *name, unsigned int ms)
{
	struct workload_run run;

	KT_EXPECT_EQ(t, workload_execute(name, ms, &run), 0);
}

static void all_work(struct ktest *t, unsigned int ms)
{
	work(t, "sched", ms);
	work(t, "fs", ms);
	work(t, "mm", ms);
	work(t, "cpu", ms);
}

/* A small buffer that overwrites old events, and is then read to the end. */
KTEST(account, calls_equal_read_and_overrun)
{
	struct before before;

	if (begin(t, &before, 16 * PAGE_SIZE, true) && start_counting(t)) {
		all_work(t, 30);
		stop_counting(t);
		KT_EXPECT(t, sum_dispatched() > 1000);
		KT_EXPECT(t, sum_over_cpus(ring_buffer_overrun_cpu) > 0);
		expect_balance(t);
		drain_all(t);
		expect_balance(t);
	}
	end(t, &before);
}

/* A small buffer that keeps the oldest events. */
KTEST(account, calls_equal_read_and_dropped)
{
	struct before before;

	if (begin(t, &before, 16 * PAGE_SIZE, false) && start_counting(t)) {
		all_work(t, 30);
		stop_counting(t);
		KT_EXPECT(t, sum_over_cpus(ring_buffer_dropped_events_cpu) > 0);
		KT_EXPECT_EQ(t, sum_over_cpus(ring_buffer_overrun_cpu), 0);
		expect_balance(t);
		drain_all(t);
		expect_balance(t);
	}
	end(t, &before);
}

/* A reader takes out events while others come in. */
static bool worker_done;

static int worker(void *data)
{
	all_work(data, 30);
	WRITE_ONCE(worker_done, true);
	return 0;
}

KTEST(account, calls_equal_read_while_running)
{
	struct before before;

	if (begin(t, &before, 64 * PAGE_SIZE, true) && start_counting(t)) {
		struct task_struct *task;

		worker_done = false;
		task = kthread_run(worker, t, "account");
		while (!IS_ERR(task) && !READ_ONCE(worker_done)) {
			drain_all(t);
			yield();
		}
		if (KT_EXPECT(t, !IS_ERR(task)))
			kthread_join(task);
		stop_counting(t);
		KT_EXPECT(t, sum_dispatched() > 1000);
		drain_all(t);
		expect_balance(t);
	}
	end(t, &before);
}

static struct tally *busiest(void)
{
	struct tally *best = NULL;
	size_t i;

	for (i = 0; i < nr_tallies; i++)
		if (tallies[i].called && (!best || tallies[i].called > best->called))
			best = &tallies[i];
	return best;
}

static void expect_same_tally(struct ktest *t, struct tally *tally)
{
	const char *ip = _text + 4 * (tally - tallies);

	if (tally->called != tally->recorded)
		ktest_fail(t, __FILE__, __LINE__, "%ps: %u calls, %u recorded",
			   (const void *)ip, tally->called, tally->recorded);
}

/* The load runs in slices that the buffer can hold, so that nothing is overwritten. */
KTEST(account, busiest_functions_match_counters)
{
	static const char *const names[] = { "sched", "fs", "mm", "cpu" };
	struct before before;
	struct tally *tally;
	unsigned int n;

	if (begin(t, &before, 8 * 1024 * 1024, true)) {
		for (n = 0; n < 20 && start_counting(t); n++) {
			work(t, names[n % ARRAY_SIZE(names)], 4);
			stop_counting(t);
			drain_all(t);
		}
		KT_EXPECT_EQ(t, sum_over_cpus(ring_buffer_overrun_cpu), 0);
		expect_balance(t);
		for (n = 0; n < NR_BUSIEST; n++) {
			tally = busiest();
			if (!KT_EXPECT(t, tally != NULL))
				break;
			expect_same_tally(t, tally);
			tally->called = 0;
		}
	}
	end(t, &before);
}
