/* SPDX-License-Identifier: MIT */
/*
 * What the kernel does on several CPUs at once, under KCSAN. A race that it reports goes to the
 * log, and makes the case fail. tests/faults has a race for each case, which must be reported.
 * `ktest kcsan_kernel SECONDS` looks for longer.
 */
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/wait.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/kcsan.h"
#include "tests/guest/ktest/targets.h"
#include "trace/ring_buffer/ring_buffer.h"

/* One side of a race, by one of the two threads; an interrupt's is what another case is about. */
static bool is_ours(const struct kcsan_access *side)
{
	return side->size && !side->interrupt &&
	       (side->pid == kt_both_pids[0] || side->pid == kt_both_pids[1]);
}

/* Nothing is taken: all reports go to the log. */
static bool count_report(const struct kcsan_report *report, bool is_known)
{
	if (!is_known && (is_ours(&report->watcher) || is_ours(&report->other)))
		WRITE_ONCE(kt_nr_reports, kt_nr_reports + 1);
	return false;
}

/* Looks for races for a second, or as long as was asked for; the first ends it. */
static void look_for_races(struct ktest *t, void (*mine)(void), void (*others)(void))
{
	u64 seconds = ktest_wish.seconds ? ktest_wish.seconds : 1;

	kt_call_both(t, mine, others, count_report, 1, seconds * NSEC_PER_SEC);
}

static void log_line(void)
{
	pr_debug("a line from CPU %u\n", smp_processor_id());
}

/* Reading takes little time if there is nothing new, so it is done more often. */
static void read_or_log(void)
{
	static unsigned int turn;
	static u64 pos;
	char text[100];

	if (++turn % 16)
		printk_read(&pos, text, sizeof(text));
	else
		log_line();
}

KTEST(kcsan_kernel, log)
{
	look_for_races(t, log_line, read_or_log);
}

/*
 * Two threads wake each other up, each time while the other one is on its way to sleep, or has just
 * left its CPU: every other time the second one is awake, so that its wake-up comes sooner.
 */
static DECLARE_WAIT_QUEUE_HEAD(players);
static bool other_has_ball;

static void play(void)
{
	WRITE_ONCE(other_has_ball, true);
	wake_up(&players);
	wait_event_timeout_ms(players, !READ_ONCE(other_has_ball), 10);
}

static void play_back(void)
{
	static unsigned int turn;
	bool sleeps = turn % 2 || nr_cpus_online == 1;

	if (sleeps)
		wait_event_timeout_ms(players, READ_ONCE(other_has_ball), 10);
	if (!READ_ONCE(other_has_ball))
		return;
	turn++;
	WRITE_ONCE(other_has_ball, false);
	wake_up(&players);
}

KTEST(kcsan_kernel, wake_ups)
{
	look_for_races(t, play, play_back);
}

/*
 * Written on CPU 0; the other thread reads. Every other event is so large that a sub-buffer has two
 * of them: so often the writer needs the next one, which the reader may be at.
 */
static struct trace_buffer *ring;

static void write_event(void)
{
	static const char data[3000] = "an event";

	ring_buffer_write(ring, sizeof(data), data);
	ring_buffer_write(ring, 20, data);
}

static void read_event(void)
{
	ring_buffer_consume(ring, 0, NULL, NULL);
}

KTEST(kcsan_kernel, ring_buffer)
{
	ring = ring_buffer_alloc(4 * PAGE_SIZE, RB_FL_OVERWRITE);
	KT_ASSERT(t, ring);
	look_for_races(t, write_event, read_event);
	ring_buffer_free(ring);
}

/*
 * The other thread calls two functions, one of which gains and loses two callbacks meanwhile: the
 * set that the other function has all the time. What is detached is freed once all CPUs have looked
 * at their threads.
 */
static struct counter counters[2] = { COUNTER, COUNTER };

static void change_filters(char *pattern)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(counters); i++)
		ftrace_set_filter(&counters[i].ops, pattern, (int)strlen(pattern), 0);
}

static void change_beta(void)
{
	static char on[] = "kt_glob_beta", off[] = "!kt_glob_beta";

	change_filters(on);
	change_filters(off);
}

static void call_both_functions(void)
{
	kt_glob_alpha();
	kt_glob_beta();
}

KTEST(kcsan_kernel, changes)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(counters); i++)
		KT_EXPECT_EQ(t, counter_start(&counters[i], "kt_glob_alpha"), 0);
	look_for_races(t, change_beta, call_both_functions);
	for (unsigned int i = 0; i < ARRAY_SIZE(counters); i++)
		KT_EXPECT(t, counter_stop(&counters[i]));
}
