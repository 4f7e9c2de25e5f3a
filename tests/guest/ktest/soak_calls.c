/* SPDX-License-Identifier: MIT */
/*
 * The soak test's callers: a thread on each CPU, one that may move, and interrupts. Each checks
 * every result and counts the calls that have begun and ended, so that the ledgers can tell how
 * often a callback must have run, and may have run, for each caller and function.
 */
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "tests/guest/ktest/soak.h"
#include "tests/guest/ktest/targets.h"

#define DEPTH 3
#define LINGER_EVERY 256
#define LINGER_TURNS 2000
#define MOST_IN_A_ROW (192 / nr_cpus_online)

static bool call_sum(unsigned long n)
{
	return kt_sum(n, 5) == n + 5;
}

static bool call_many(unsigned long n)
{
	return kt_many(n, 1, 1, 1, 1, 1, 1, 1, 1, n) == 11 * n + 44;
}

static bool call_recurse(unsigned long n)
{
	return kt_recurse(DEPTH) == DEPTH + 1;
}

static bool call_product(unsigned long n)
{
	return kt_product(3, 0x100000000ull + n, 7) == 0x300000007ull + 3 * (u64)n;
}

static const struct {
	const char *name;
	bool (*call)(unsigned long n);	/* returns false if the result was wrong */
	unsigned int entries;		/* how many entries one call makes */
	unsigned long function;
} functions[SOAK_FUNCTIONS] = {
	[SOAK_SUM] = { "kt_sum", call_sum, 1, (unsigned long)kt_sum },
	[SOAK_MANY] = { "kt_many", call_many, 1, (unsigned long)kt_many },
	[SOAK_PRODUCT] = { "kt_product", call_product, 1, (unsigned long)kt_product },
	[SOAK_RECURSE] = { "kt_recurse", call_recurse, DEPTH + 1, (unsigned long)kt_recurse },
};

unsigned long soak_sites[SOAK_FUNCTIONS];

static struct soak_count begun, ended;
static unsigned long wrong[SOAK_CALLERS], next_n[SOAK_CALLERS];
static struct task_struct *threads[SOAK_THREADS];
static unsigned int nr_threads;

/* Calls each function once. The barriers order the counts with what is executed in between. */
static void call_all(unsigned int caller)
{
	unsigned long n = ++next_n[caller];
	unsigned int f;

	for (f = 0; f < SOAK_FUNCTIONS; f++) {
		unsigned long *b = &begun.by[caller][f], *e = &ended.by[caller][f];

		WRITE_ONCE(*b, *b + functions[f].entries);
		smp_mb();
		wrong[caller] += !functions[f].call(n);
		smp_store_release(e, *e + functions[f].entries);
	}
}

/*
 * Calls in bursts of different lengths. In between the CPU may be idle: if many virtual CPUs share
 * few real ones, CPUs that are always busy keep each other from hearing the patcher, and little is
 * changed.
 */
static int caller_thread(void *data)
{
	unsigned int caller = (unsigned int)(unsigned long)data, n;

	while (!READ_ONCE(soak_over)) {
		for (n = 1 + next_n[caller] * 37 % MOST_IN_A_ROW; n > 0; n--)
			call_all(caller);
		if (next_n[caller] % 4)
			msleep(1);
		else
			yield();
	}
	return 0;
}

/* Returns whose call this is; SOAK_CALLERS if it belongs to none of the callers. */
static unsigned int who(void)
{
	unsigned int count = preempt_count();

	if (count & NMI_MASK)
		return SOAK_THREADS + NR_CPUS + smp_processor_id();
	if (count & HARDIRQ_MASK)
		return SOAK_THREADS + smp_processor_id();
	if (current->thread_fn != caller_thread)
		return SOAK_CALLERS;
	return (unsigned int)(unsigned long)current->thread_data;
}

void soak_call_in_interrupt(void *unused)
{
	call_all(who());
}

/* Stays in a callback for longer than careless detaching takes. */
static void linger(void)
{
	unsigned int n;

	for (n = 0; n < LINGER_TURNS; n++)
		arch_cpu_relax();
}

void soak_hit(struct soak_ledger *ledger, unsigned long ip)
{
	unsigned int caller = who(), f;

	for (f = 0; f < SOAK_FUNCTIONS && soak_sites[f] != ip; f++)
		;
	if (f == SOAK_FUNCTIONS || caller == SOAK_CALLERS) {
		soak_fail("%s was called on %pS by %s, preempt count %x", ledger->name, (void *)ip,
			  current->comm, preempt_count());
		return;
	}
	if (ledger->hits.by[caller][f] % LINGER_EVERY == LINGER_EVERY - 1)
		linger();
	ledger->hits.by[caller][f]++;
}

/* Copies what each caller has counted for the functions in @mask. */
static void copy_count(struct soak_count *to, const struct soak_count *from, unsigned int mask)
{
	unsigned int caller, f;

	for (caller = 0; caller < SOAK_CALLERS; caller++)
		for (f = 0; f < SOAK_FUNCTIONS; f++)
			if (mask >> f & 1)
				to->by[caller][f] = smp_load_acquire(&from->by[caller][f]);
}

static void describe_caller(char *buf, size_t size, unsigned int caller)
{
	if (caller < SOAK_THREADS)
		scnprintf(buf, size, "thread %u", caller);
	else if (caller < SOAK_THREADS + NR_CPUS)
		scnprintf(buf, size, "interrupts of CPU %u", caller - SOAK_THREADS);
	else
		scnprintf(buf, size, "NMIs of CPU %u", caller - SOAK_THREADS - NR_CPUS);
}

static void check_closed(struct soak_ledger *l, unsigned int caller, unsigned int f)
{
	long hits = (long)l->hits.by[caller][f];
	long least = (long)(l->ended_at.by[caller][f] - l->begun_after.by[caller][f]);
	long most = (long)(smp_load_acquire(&begun.by[caller][f]) - l->ended_before.by[caller][f]);
	char name[32];

	least = max(least, 0l);
	l->final.by[caller][f] = (unsigned long)hits;
	l->accounted += (u64)hits;
	l->overlaps += (u64)(most - least);
	if (hits >= least && hits <= most)
		return;
	describe_caller(name, sizeof(name), caller);
	soak_fail("%s on %s: %ld of the calls by %s, not %ld to %ld", l->name, functions[f].name,
		  hits, name, least, most);
}

/* Nothing that is detached may still be called. */
static void check_quiet(struct soak_ledger *l, unsigned int mask)
{
	unsigned int caller, f;

	for (caller = 0; caller < SOAK_CALLERS; caller++)
		for (f = 0; f < SOAK_FUNCTIONS; f++)
			if (mask >> f & 1 && l->hits.by[caller][f] != l->final.by[caller][f])
				soak_fail("%s was called on %s after it was detached", l->name,
					  functions[f].name);
}

void soak_ledger_check_quiet(struct soak_ledger *l)
{
	check_quiet(l, SOAK_ALL & ~l->open);
}

void soak_ledger_begin(struct soak_ledger *l, unsigned int opening, unsigned int closing)
{
	static const struct soak_count nothing;

	check_quiet(l, opening);
	copy_count(&l->hits, &nothing, opening);
	copy_count(&l->ended_before, &ended, opening);
	copy_count(&l->ended_at, &ended, closing);
}

void soak_ledger_end(struct soak_ledger *l, unsigned int opening, unsigned int closing)
{
	unsigned int caller, f;

	copy_count(&l->begun_after, &begun, opening);
	for (caller = 0; caller < SOAK_CALLERS; caller++)
		for (f = 0; f < SOAK_FUNCTIONS; f++)
			if (closing >> f & 1)
				check_closed(l, caller, f);
	l->open = (l->open | opening) & ~closing;
}

unsigned long soak_entries(enum soak_function f)
{
	unsigned long sum = 0;
	unsigned int caller;

	for (caller = 0; caller < SOAK_CALLERS; caller++)
		sum += READ_ONCE(ended.by[caller][f]);
	return sum;
}

u64 soak_calls_total(void)
{
	static unsigned long last[SOAK_FUNCTIONS];
	static u64 total;
	unsigned int f;

	if (!next_n[0])
		total = 0;
	for (f = 0; f < SOAK_FUNCTIONS; f++) {
		unsigned long now = soak_entries(f);

		total += next_n[0] ? now - last[f] : 0;
		last[f] = now;
	}
	return total;
}

bool soak_callers_prepare(void)
{
	unsigned int f;

	memset(&begun, 0, sizeof(begun));
	memset(&ended, 0, sizeof(ended));
	memset(wrong, 0, sizeof(wrong));
	memset(next_n, 0, sizeof(next_n));
	soak_calls_total();
	nr_threads = 0;
	for (f = 0; f < SOAK_FUNCTIONS; f++) {
		soak_sites[f] = ftrace_location(functions[f].function);
		if (!soak_sites[f])
			return false;
	}
	return true;
}

bool soak_callers_start(void)
{
	for (; nr_threads < nr_cpus_online + 1; nr_threads++) {
		struct task_struct *task = kthread_create(caller_thread,
				(void *)(unsigned long)nr_threads, "soak-call/%u", nr_threads);

		if (IS_ERR(task))
			return false;
		threads[nr_threads] = task;
		if (nr_threads < nr_cpus_online)
			kthread_bind(task, nr_threads);
		wake_up_process(task);
	}
	return true;
}

void soak_callers_stop(void)
{
	unsigned int caller, n;
	char name[32];

	for (n = 0; n < nr_threads; n++) {
		kthread_join(threads[n]);
		if (!next_n[n])
			soak_fail("thread %u never came to run", n);
	}
	for (caller = 0; caller < SOAK_CALLERS; caller++) {
		describe_caller(name, sizeof(name), caller);
		if (wrong[caller])
			soak_fail("%lu results of %s were wrong", wrong[caller], name);
	}
}
