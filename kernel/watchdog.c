/* SPDX-License-Identifier: MIT */
/*
 * Lock-up detection, driven by the tick. Two things can be wrong with a CPU:
 *
 *   soft   it takes its ticks but does not schedule, although asked to once a second. Its own
 *          tick finds that.
 *   hard   it takes no ticks. The tick of the CPU before it finds that.
 *
 * A virtual CPU that gets nothing of its host stands still, too, and must not be blamed. So time is
 * counted in ticks that the watching CPU took, each at most once in half a period: those that come
 * in a burst, made up for, are no time. And:
 *
 *   soft   a CPU may wait for one that stands still. Only stretches of a tenth of a second in which
 *          every other CPU took a tick count. (Short ones: the first may be a wait nearly all
 *          through, and so may the last.)
 *   hard   a CPU without ticks is sent an NMI each second: more than the threshold has seconds must
 *          have been answered, each a moment in which it ran and took no tick. (More, because one
 *          may have been answered the moment before the tick, by a CPU that its host just let go
 *          on.) Where there are no NMIs, twice the time must pass instead.
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
#define STRETCH (HZ / 10)		/* ticks that count as time together or not at all */
#define MUTE 6				/* thresholds until no answer is one: stuck in an NMI */

struct watch {
	unsigned long ticks;		/* the heartbeat; the CPU before this one reads it */
	u64 counted_ns;			/* when one was counted as time */
	/* This CPU: who has not scheduled since, and for how many ticks. */
	const struct task_struct *task;
	u64 switches;
	unsigned int stuck;
	unsigned long others[NR_CPUS];	/* the ticks that all CPUs had before this stretch */
	/* The next CPU: what was seen of it last, and how long that is ago. */
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
 * Has each other CPU taken a tick since this was asked last? One that has none may be waited for.
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

	if (!task->need_resched || task != w->task || rq->nr_switches != w->switches) {
		w->task = task;
		w->switches = rq->nr_switches;
		w->stuck = 0;
		/*
		 * A CPU that runs one thread need not schedule at all: it is asked to, once a
		 * second, and is stuck only when it does not.
		 */
		if (w->ticks % HZ == 0)
			task->need_resched = true;
		return;
	}
	/*
	 * When the other CPUs have no ticks either, the machine itself was stopped, and the time
	 * does not count.
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
	/*
	 * An NMI was sent a second ago: when it was taken, the CPU lives, though with interrupts
	 * off.
	 */
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
	if (!threshold || oops_in_progress || now - w->counted_ns < TICK_NS / 2)
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
