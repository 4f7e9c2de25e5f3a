/* SPDX-License-Identifier: MIT */
/*
 * Lock-up detection, driven by the tick. A CPU can be locked up in two ways:
 *
 *   soft   It takes its ticks but does not schedule, although it is asked to once a second. Its own
 *          tick notices that.
 *   hard   It takes no ticks. The tick of the CPU with the number before it notices that.
 *
 * A virtual CPU also stands still while its host does not run it, which is no lock-up. So time is
 * counted in ticks of the watching CPU, and a tick counts only if half a period has passed since
 * the last one that counted: late ticks that come in a burst are not time. In addition:
 *
 *   soft   The CPU may be waiting for another one that stands still. So time counts in stretches of
 *          a tenth of a second, and only those in which every other CPU took a tick. (The
 *          stretches are short because in the first and the last one the CPU may have waited
 *          nearly all the time.)
 *   hard   A CPU without ticks is sent an NMI each second. It is locked up only if it has answered
 *          more of them than the threshold has seconds: each answer proves that it ran and yet took
 *          no tick. (More, because one answer may come just before the tick, when the host lets the
 *          CPU run again.) On a machine without NMIs, twice the threshold must pass instead.
 *
 * Untraced.
 */
#include "kernel/watchdog.h"
#include "kernel/boot_info.h"
#include "kernel/bug.h"
#include "kernel/lib/string.h"
#include "kernel/nmi.h"
#include "kernel/printk_internal.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/sched_internal.h"
#include "kernel/time.h"

BOOT_PARAM(watchdog_thresh);

#define THRESHOLD_DEFAULT 10		/* seconds */
#define THRESHOLD_MAX 3600
#define TICK_NS (NSEC_PER_SEC / HZ)
#define STRETCH (HZ / 10)		/* ticks that count together or not at all */
#define MUTE 6				/* no answer for 6 thresholds: the CPU is stuck in an NMI */

struct watch {
	unsigned long ticks;		/* taken; the CPU before this one reads it */
	u64 counted_ns;			/* when a tick was last counted as time */
	/* This CPU: its thread and number of switches, unchanged for `stuck` counted ticks. */
	const struct task_struct *task;
	u64 switches;
	unsigned int stuck;
	unsigned long others[NR_CPUS];	/* ticks of all CPUs at the beginning of this stretch */
	/* The next CPU: its ticks, unchanged for `silent` counted ticks, and its NMIs. */
	unsigned long next_ticks, next_nmis;
	unsigned int silent, answers;
};

static DEFINE_PER_CPU(struct watch, watches);
static unsigned int threshold;		/* seconds; 0: off */
static bool reported;

static void report(unsigned int cpu, const char *what, unsigned int seconds)
{
	if (__atomic_exchange_n(&reported, true, __ATOMIC_SEQ_CST))
		return;
	printk_show_all();
	pr_emerg("watchdog: CPU %u %s for %u seconds; where the other CPUs are:\n", cpu, what,
		 seconds);
	nmi_show_other_cpus();
	panic("watchdog: lock-up: CPU %u %s for %u seconds", cpu, what, seconds);
}

/*
 * Has every other CPU taken a tick since the last call? If one has not, this CPU may be waiting for
 * it.
 */
static bool others_have_ticked(struct watch *w)
{
	unsigned int cpu, self = smp_processor_id();
	bool all = true;

	for_each_online_cpu(cpu) {
		unsigned long ticks = READ_ONCE(per_cpu(watches, cpu).ticks);

		all &= cpu == self || ticks != w->others[cpu];
		w->others[cpu] = ticks;
	}
	return all;
}

static void watch_this_cpu(struct watch *w)
{
	struct run_queue *rq = &run_queues[smp_processor_id()];
	struct task_struct *task = current;

	if (!READ_ONCE(task->need_resched) || task != w->task || rq->nr_switches != w->switches) {
		w->task = task;
		w->switches = rq->nr_switches;
		w->stuck = 0;
		/*
		 * A CPU with a single thread has no reason to schedule, so ask it to once a second;
		 * it is stuck only if it then does not.
		 */
		if (w->ticks % HZ == 0)
			WRITE_ONCE(task->need_resched, true);
		return;
	}
	/*
	 * If another CPU has taken no tick in this stretch, this one may have waited for it, or the
	 * host has stopped the machine: the stretch does not count.
	 */
	if (w->stuck % STRETCH == 0 && !others_have_ticked(w) && w->stuck)
		w->stuck -= STRETCH;
	if (w->stuck++ >= threshold * HZ)
		report(smp_processor_id(), "has not scheduled", threshold);
}

static bool has_stopped(const struct watch *w)
{
	if (!arch_has_nmi())
		return w->silent >= 2 * threshold * HZ;
	return w->silent >= threshold * HZ &&
	       (w->answers > threshold || w->silent >= MUTE * threshold * HZ);
}

static void watch_next_cpu(struct watch *w)
{
	unsigned int next = (smp_processor_id() + 1) % nr_cpus_online;
	unsigned long ticks = READ_ONCE(per_cpu(watches, next).ticks), nmis = nmi_count(next);

	if (ticks != w->next_ticks) {
		w->next_ticks = ticks;
		w->silent = w->answers = 0;
		return;
	}
	if (++w->silent % HZ)
		return;
	/* If the NMI that was sent a second ago was taken, the CPU ran and still took no tick. */
	if (w->silent > HZ && nmis != w->next_nmis)
		w->answers++;
	w->next_nmis = nmis;
	if (has_stopped(w))
		report(next, "has taken no tick", w->silent / HZ);
	else
		nmi_send(next, NMI_PROBE);
}

void watchdog_tick(void)
{
	struct watch *w = this_cpu_ptr(watches);
	u64 now = ktime_get_ns();

	WRITE_ONCE(w->ticks, w->ticks + 1);
	if (!threshold || oops_in_progress() || now - w->counted_ns < TICK_NS / 2)
		return;
	w->counted_ns = now;
	watch_this_cpu(w);
	if (nr_cpus_online > 1)
		watch_next_cpu(w);
}

void watchdog_init(void)
{
	long seconds = THRESHOLD_DEFAULT;

	boot_param_number(boot_param_watchdog_thresh, 0, THRESHOLD_MAX, &seconds);
	if (seconds)
		pr_info("watchdog: a CPU that is stuck for %ld seconds is a panic%s\n", seconds,
			arch_has_nmi() ? "" : " (no NMIs: with interrupts off, twice that)");
	else
		pr_info("watchdog: off\n");
	WRITE_ONCE(threshold, (unsigned int)seconds);
}
