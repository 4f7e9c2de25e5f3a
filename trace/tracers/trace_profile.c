/* SPDX-License-Identifier: MIT */
/*
 * The function profiler: a user of the function graph that adds up durations, or an ops that only
 * counts. Each CPU has a hash table of its own, which is changed with interrupts off, so that no
 * call is lost; NMIs stay out. A call counts on the CPU on which it returns. Untraced.
 */
#include "trace/tracers/trace_profile.h"
#include "kernel/clock.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/sort.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/wait.h"
#include "kernel/smp.h"
#include "trace/core/filter.h"
#include "trace/core/site_info.h"
#include "trace/output/trace.h"
#include "trace/tracers/fgraph_stack.h"

#define MIN_SLOTS 64u

/* The table of a CPU: an ip of 0 is a free slot, and at least a quarter of them are free. */
struct profile_table {
	struct profile_record *slots;
	unsigned int mask;		/* number of slots - 1 */
	unsigned int room;		/* for so many functions more */
	unsigned long missed;
};
static DEFINE_PER_CPU(struct profile_table, profile_tables);

static DEFINE_MUTEX(profile_lock);
static enum profile_mode profile_mode, table_mode;

/* --- Counting --- */

static __always_inline unsigned int slot_of(unsigned long ip, unsigned int mask)
{
	/* Sites are some bytes apart from each other, so the lowest bits tell little. */
	return (unsigned int)((ip >> 4) ^ (ip >> 11)) & mask;
}

/* The first slot that was looked at is another function's, or free. */
static noinline struct profile_record *find_slow(struct profile_table *table, unsigned long ip)
{
	struct profile_record *slots = table->slots;
	unsigned int n = slot_of(ip, table->mask);

	while (slots[n].ip && slots[n].ip != ip)
		n = (n + 1) & table->mask;
	if (slots[n].ip)
		return &slots[n];
	if (!table->room) {
		table->missed++;
		return NULL;
	}
	table->room--;
	slots[n].ip = ip;
	return &slots[n];
}

/* Interrupts are off. Returns NULL if there is no room. */
static __always_inline struct profile_record *find_record(struct profile_table *table,
							   unsigned long ip)
{
	struct profile_record *record = &table->slots[slot_of(ip, table->mask)];

	return likely(record->ip == ip) ? record : find_slow(table, ip);
}

/* An NMI may have interrupted a change of the table, so it leaves that alone. */
static noinline void count_missed(void)
{
	struct profile_table *table = this_cpu_ptr(profile_tables);

	WRITE_ONCE(table->missed, READ_ONCE(table->missed) + 1);
}

static __always_inline void count(unsigned long ip, u64 ns)
{
	struct profile_record *record;
	unsigned long flags;

	if (unlikely(in_nmi())) {
		count_missed();
		return;
	}
	flags = arch_irq_save();
	record = find_record(this_cpu_ptr(profile_tables), ip);
	if (likely(record)) {
		record->counter++;
		record->time += ns;
		/* Most durations have 32 bits, and on i386 a longer product costs. */
		record->time_squared += likely(ns == (u32)ns) ? (u64)(u32)ns * (u32)ns : ns * ns;
	}
	arch_irq_restore(flags);
}

static void profile_hit(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			struct ftrace_regs *fregs)
{
	count(ip, 0);
}

/* --- Durations --- */

/*
 * What goes with a call if an option is off; its frame then has a time of 0. The options are those
 * at its beginning, should they change.
 */
struct profile_call {
	u64 begun;			/* in ns */
	u64 inner;			/* in ns: calls within it, if they are to be left out */
	u32 off;			/* options that are off: TRACE_GRAPH_*_TIME */
};

#define TIMES (TRACE_GRAPH_SLEEP_TIME | TRACE_GRAPH_GRAPH_TIME)

/*
 * For a call with the options @off. Without sleep-time it is the thread's own time on CPUs, which
 * goes on with each moment that the thread runs.
 */
static noinline u64 now_with(u32 off)
{
	unsigned long flags = arch_irq_save();	/* a tick changes both fields */
	u64 now = ktime_get_ns();

	if (off & TRACE_GRAPH_SLEEP_TIME)
		now += current->runtime_ns - current->switched_in_ns;
	arch_irq_restore(flags);
	return now;
}

static noinline int profile_entry_slow(struct graph_frame *frame, struct fgraph_ops *gops)
{
	struct profile_call *call = fgraph_reserve_data(gops->idx, sizeof(*call));

	if (!call) {
		count_missed();
		return 0;
	}
	frame->profile_time = 0;
	call->off = ~READ_ONCE(global_trace.func_flags) & TIMES;
	call->inner = 0;
	call->begun = now_with(call->off);
	return 1;
}

static int profile_entry(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
			 struct ftrace_regs *fregs)
{
	struct graph_frame *frame = container_of(trace, struct graph_frame, ent);

	if (unlikely((READ_ONCE(global_trace.func_flags) & TIMES) != TIMES))
		return profile_entry_slow(frame, gops);
	frame->profile_time = arch_clock_cycles();
	return 1;
}

static noinline void profile_return_slow(const struct graph_frame *frame, struct fgraph_ops *gops)
{
	struct profile_call *call = fgraph_retrieve_data(gops->idx, NULL), *outer;
	u64 now = now_with(call->off), ns;

	/* Across the very switch of threads the thread's time may seem to go back a little. */
	ns = (s64)(now - call->begun) > 0 ? now - call->begun : 0;
	if (call->off & TRACE_GRAPH_GRAPH_TIME) {
		outer = fgraph_retrieve_parent_data(gops->idx, NULL, 1);
		if (outer)
			outer->inner += ns;
		ns -= min(ns, call->inner);
	}
	count(frame->trace.func, ns);
}

/* A number of cycles as ns. Mostly it has 32 bits, and that is cheaper. */
static __always_inline u64 cycles_as_ns(u64 cycles)
{
	u32 low = (u32)cycles;

	if (likely(cycles == low))
		return (u64)low * kernel_clock.whole + ((u64)low * kernel_clock.fraction >> 32);
	/* A difference has no base: it is added before clock_cycles_to_ns() takes it off. */
	return clock_cycles_to_ns(cycles + kernel_clock.base);
}

static void profile_return(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
			   struct ftrace_regs *fregs)
{
	u64 cycles = arch_clock_cycles();
	const struct graph_frame *frame = container_of(trace, struct graph_frame, trace);

	if (likely(frame->profile_time))
		count(trace->func, cycles_as_ns(cycles - frame->profile_time));
	else
		profile_return_slow(frame, gops);
}

static struct fgraph_ops profile_gops = {
	.entryfunc = profile_entry,
	.retfunc = profile_return,
};
static struct ftrace_ops profile_ops = {
	.func = profile_hit,
};

/* --- Starting and stopping --- */

/* Nobody counts. Make the tables empty, with room for all functions that there are, twice. */
static int make_tables(void)
{
	unsigned int slots = MIN_SLOTS, cpu;

	while (slots < 2 * ftrace_nr_sites())
		slots *= 2;
	for_each_online_cpu(cpu) {
		struct profile_table *table = per_cpu_ptr(profile_tables, cpu);

		/* One that is large enough stays: modules that come and go cost nothing then. */
		if (!table->slots || table->mask < slots - 1) {
			struct profile_record *new = vmalloc(slots * sizeof(*new));

			if (!new)
				return -ENOMEM;
			vfree(table->slots);
			table->slots = new;
			table->mask = slots - 1;
		}
		memset(table->slots, 0, (table->mask + 1) * sizeof(*table->slots));
		table->room = (table->mask + 1) / 4 * 3;
		table->missed = 0;
	}
	return 0;
}

static int stop(void)
{
	int err = 0;

	if (profile_mode == PROFILE_GRAPH)
		err = unregister_ftrace_graph(&profile_gops);
	else if (profile_mode == PROFILE_HITS)
		err = unregister_ftrace_function(&profile_ops);
	if (!err)
		profile_mode = PROFILE_OFF;
	return err;
}

static int start(enum profile_mode mode)
{
	int err = make_tables();

	if (err)
		return err;
	/* The function tracer's filters say what is profiled, as on Linux. */
	table_mode = mode;
	if (mode == PROFILE_GRAPH) {
		ftrace_ops_share_filters(&profile_gops.ops, global_trace.ops);
		err = register_ftrace_graph(&profile_gops);
	} else {
		ftrace_ops_share_filters(&profile_ops, global_trace.ops);
		err = register_ftrace_function(&profile_ops);
	}
	if (!err)
		profile_mode = mode;
	return err;
}

int trace_profile_set(enum profile_mode mode)
{
	int err = 0;

	might_sleep();
	mutex_lock(&profile_lock);
	if (mode != profile_mode) {
		err = stop();
		if (!err && mode != PROFILE_OFF)
			err = start(mode);
	}
	mutex_unlock(&profile_lock);
	return err;
}

enum profile_mode trace_profile_mode(void)
{
	return READ_ONCE(profile_mode);
}

/* --- Reading --- */

struct read_request {
	unsigned int cpu;
	struct profile_copy *copy;
};

/* Runs on the CPU itself, with interrupts off, so that no record is copied while it changes. */
static void copy_table(void *arg)
{
	const struct read_request *request = arg;
	struct profile_table *table = per_cpu_ptr(profile_tables, request->cpu);
	struct profile_copy *copy = request->copy;

	assert_irqs_off();
	for (unsigned int n = 0; table->slots && n <= table->mask; n++) {
		if (table->slots[n].counter)
			copy->records[copy->nr++] = table->slots[n];
	}
	copy->missed += table->missed;
}

static int by_ip(const void *a, const void *b)
{
	const struct profile_record *x = a, *y = b;

	return x->ip < y->ip ? -1 : x->ip > y->ip;
}

static int by_time(const void *a, const void *b)
{
	const struct profile_record *x = a, *y = b;

	if (x->time != y->time)
		return x->time > y->time ? -1 : 1;
	if (x->counter != y->counter)
		return x->counter > y->counter ? -1 : 1;
	return by_ip(a, b);
}

/* Make one record of those of a function on several CPUs. */
static void join(struct profile_copy *copy)
{
	struct profile_record *records = copy->records;
	unsigned int nr = 0;

	sort(records, copy->nr, sizeof(*records), by_ip, NULL);
	for (unsigned int n = 0; n < copy->nr; n++) {
		if (nr && records[nr - 1].ip == records[n].ip) {
			records[nr - 1].counter += records[n].counter;
			records[nr - 1].time += records[n].time;
			records[nr - 1].time_squared += records[n].time_squared;
		} else {
			records[nr++] = records[n];
		}
	}
	copy->nr = nr;
}

static bool is_wanted(int cpu, unsigned int n)
{
	return cpu == RING_BUFFER_ALL_CPUS || n == (unsigned int)cpu;
}

int trace_profile_read(int cpu, struct profile_copy *copy, enum profile_mode *mode)
{
	size_t slots = 1;
	unsigned int n;

	might_sleep();
	*copy = (struct profile_copy){ 0 };
	mutex_lock(&profile_lock);
	*mode = table_mode;
	for_each_online_cpu(n) {
		if (is_wanted(cpu, n) && per_cpu_ptr(profile_tables, n)->slots)
			slots += per_cpu_ptr(profile_tables, n)->mask + 1;
	}
	copy->records = vmalloc(slots * sizeof(*copy->records));
	/* Each CPU copies its own table, because it is the only one that changes it. */
	for_each_online_cpu(n) {
		struct read_request request = { n, copy };

		if (copy->records && is_wanted(cpu, n))
			smp_call_function_single(n, copy_table, &request);
	}
	mutex_unlock(&profile_lock);
	if (!copy->records)
		return -ENOMEM;
	if (cpu == RING_BUFFER_ALL_CPUS)
		join(copy);
	sort(copy->records, copy->nr, sizeof(*copy->records), by_time, NULL);
	return 0;
}

void trace_profile_free(struct profile_copy *copy)
{
	vfree(copy->records);
}
