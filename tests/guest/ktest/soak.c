/* SPDX-License-Identifier: MIT */
/*
 * The soak test: `ktest soak` runs for a moment, `ktest soak SECONDS [SEED]` for as long as one
 * likes. All the while the function tracer records the functions that are called, and a reader
 * takes out what it gets. In the end every call must have been read, overwritten or dropped.
 */
#include <stdarg.h>
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/sched/sched.h"
#include "kernel/shell/console.h"
#include "kernel/time.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/soak.h"
#include "trace/output/trace.h"

#define SHORT_MS 1200
#define BUFFER_SIZE (4 * PAGE_SIZE)	/* for each CPU; sometimes it is overwritten */
#define PROGRESS_NS (60 * NSEC_PER_SEC)

bool soak_over;
static bool failed;
static char failure[200];
static struct task_struct *reader;

/* May be called in any context, and on several CPUs at once: what ends the run may run anywhere. */
void soak_fail(const char *fmt, ...)
{
	va_list args;

	if (!__atomic_exchange_n(&failed, true, __ATOMIC_ACQ_REL)) {
		va_start(args, fmt);
		vscnprintf(failure, sizeof(failure), fmt, args);
		va_end(args);
	}
	WRITE_ONCE(soak_over, true);
}

/* --- The recorder --- */

struct recorded {
	unsigned long read, lost;
};
static struct recorded recorded;
static u64 last_ts[NR_CPUS];
static unsigned long usual_size;

static bool is_soak_site(unsigned long ip)
{
	unsigned int f;

	for (f = 0; f < SOAK_FUNCTIONS; f++)
		if (soak_sites[f] == ip)
			return true;
	return false;
}

/* Reads what @cpu has recorded, but only for a while. Returns true if there may be more. */
static bool drain(unsigned int cpu)
{
	struct ring_buffer_event *event;
	unsigned long lost = 0;
	unsigned int n;
	u64 ts;

	for (n = 0; n < 10000; n++) {
		const struct ftrace_entry *entry;

		event = ring_buffer_consume(global_trace.buffer, (int)cpu, &ts, &lost);
		if (!event)
			return false;
		entry = ring_buffer_event_data(event);
		recorded.read++;
		recorded.lost += lost;
		if (entry->ent.type != TRACE_FN || !is_soak_site(entry->ip))
			soak_fail("an event of type %u for %pS", entry->ent.type,
				  (void *)entry->ip);
		if (ts < last_ts[cpu])
			soak_fail("an event of CPU %u is older than the one before it", cpu);
		last_ts[cpu] = ts;
	}
	return true;
}

static int reader_thread(void *unused)
{
	unsigned int cpu, n;

	for (n = 0; !READ_ONCE(soak_over); n++) {
		for_each_online_cpu(cpu)
			drain(cpu);
		/* Sometimes the reader comes too late. */
		msleep(n % 16 ? 5 : 300);
	}
	return 0;
}

static bool recorder_start(struct ktest *t)
{
	memset(&recorded, 0, sizeof(recorded));
	memset(last_ts, 0, sizeof(last_ts));
	reader = NULL;
	usual_size = usual_buffer_size();
	if (!KT_EXPECT_EQ(t, tracing_resize(&global_trace, BUFFER_SIZE, RING_BUFFER_ALL_CPUS), 0) ||
	    !KT_EXPECT_EQ(t, ftrace_set_filter_ips(global_trace.ops, soak_sites, SOAK_FUNCTIONS,
						   0, 1), 0) ||
	    !KT_EXPECT_EQ(t, tracing_set_tracer(&global_trace, "function"), 0))
		return false;
	tracing_reset(&global_trace);
	tracing_on();
	reader = kthread_run(reader_thread, NULL, "soak-read");
	return KT_EXPECT(t, !IS_ERR(reader));
}

/* The callers have stopped. Every call is an event that was read, overwritten or dropped. */
static void recorder_stop(struct ktest *t)
{
	unsigned long calls = 0, left, overrun, dropped;
	unsigned int cpu, f;

	kthread_join(reader);
	for_each_online_cpu(cpu)
		while (drain(cpu))
			;
	for (f = 0; f < SOAK_FUNCTIONS; f++)
		calls += soak_entries(f);
	left = sum_over_cpus(ring_buffer_entries_cpu);
	overrun = sum_over_cpus(ring_buffer_overrun_cpu);
	dropped = sum_over_cpus(ring_buffer_dropped_events_cpu) +
		sum_over_cpus(ring_buffer_commit_overrun_cpu);
	if (calls != recorded.read + overrun + dropped || left)
		soak_fail("%lu calls, but %lu events read + %lu overwritten + %lu dropped, "
			  "%lu left",
			  calls, recorded.read, overrun, dropped, left);
	if (sum_over_cpus(ring_buffer_read_events_cpu) != recorded.read || recorded.lost != overrun)
		soak_fail("read %lu and missed %lu events, counted as %lu and %lu", recorded.read,
			  recorded.lost, sum_over_cpus(ring_buffer_read_events_cpu), overrun);
	ktest_note(t, "%lu events read, %lu overwritten, %lu dropped: each call is one of them",
		  recorded.read, overrun, dropped);
}

static void recorder_free(struct ktest *t)
{
	KT_EXPECT_EQ(t, tracing_set_tracer(&global_trace, "nop"), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter(global_trace.ops, NULL, 0, 1), 0);
	KT_EXPECT_EQ(t, tracing_resize(&global_trace, usual_size, RING_BUFFER_ALL_CPUS), 0);
	tracing_reset(&global_trace);
}

/* --- The run --- */

static void wait_for_end(u64 start, u64 ns)
{
	u64 told = start, now;

	while (!READ_ONCE(soak_over) && (now = ktime_get_ns()) < start + ns) {
		msleep((unsigned int)min((start + ns - now) / NSEC_PER_MSEC + 1, 200ull));
		soak_calls_total();
		if (console_interrupted())
			break;
		if (now - told >= PROGRESS_NS) {
			told = now;
			pr_info("soak: %llu s, %llu calls\n",
				(unsigned long long)((now - start) / NSEC_PER_SEC),
				(unsigned long long)soak_calls_total());
		}
	}
	WRITE_ONCE(soak_over, true);
}

static void report(struct ktest *t, u64 ns)
{
	const struct soak_stats *s = &soak_stats;
	u64 ms = ns / NSEC_PER_MSEC + 1;

	ktest_note(t, "%llu calls, all results right, in %llu.%03u s on %u CPUs",
		  (unsigned long long)soak_calls_total(), (unsigned long long)(ms / 1000),
		  (unsigned int)(ms % 1000), nr_cpus_online);
	ktest_note(t, "%llu callbacks accounted for, each as often as it had to be; "
		  "%llu calls met a change", (unsigned long long)s->accounted,
		  (unsigned long long)s->overlaps);
	ktest_note(t, "%llu attached, %llu detached, %llu filters changed, "
		  "%llu direct calls modified", (unsigned long long)s->attached,
		  (unsigned long long)s->detached, (unsigned long long)s->filtered,
		  (unsigned long long)s->modified);
	ktest_note(t, "%llu changes everywhere, %llu times all other CPUs interrupted, "
		  "%llu %s sent", (unsigned long long)s->everywhere,
		  (unsigned long long)s->interrupts, (unsigned long long)s->nmis,
		  arch_has_nmi() ? "NMIs" : "interrupts");
}

static void run(struct ktest *t, u64 ns, u32 seed)
{
	u64 start = ktime_get_ns();

	if (KT_EXPECT(t, soak_callers_start()) && KT_EXPECT(t, soak_changers_start(seed)))
		wait_for_end(start, ns);
	WRITE_ONCE(soak_over, true);
	soak_callers_stop();
	soak_changers_stop();
	recorder_stop(t);
	report(t, ktime_get_ns() - start);
}

KTEST(soak, calls_are_accounted_for)
{
	u64 ns = ktest_wish.seconds ? ktest_wish.seconds * NSEC_PER_SEC : SHORT_MS * NSEC_PER_MSEC;
	u32 seed = ktest_seed();

	ktest_note(t, "ktest_seed=%u", seed);
	failed = false;
	soak_over = false;
	KT_ASSERT(t, soak_callers_prepare());
	set_user_nice(current, -10);
	if (recorder_start(t))
		run(t, ns, seed);
	set_user_nice(current, 0);
	recorder_free(t);
	if (failed)
		ktest_fail(t, __FILE__, __LINE__, "%s", failure);
}
