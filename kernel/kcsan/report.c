/* SPDX-License-Identifier: MIT */
/*
 * What KCSAN has found, in words. The machine goes on. Untraced, any context.
 */
#include "kernel/kcsan/kcsan_internal.h"
#include "kernel/lockdep.h"
#include "kernel/printk.h"

#define NR_PAIRS 128		/* that are known; further ones are reported each time */

kcsan_hook_t kcsan_report_hook;

static struct pair {
	unsigned long watcher, other;
} pairs[NR_PAIRS];
static unsigned int nr_pairs, nr_races;
static bool is_busy;			/* a CPU is reporting */

unsigned int kcsan_nr_races(void)
{
	return READ_ONCE(nr_races);
}

/* Which of the two watched is chance. */
static bool is_known(unsigned long watcher, unsigned long other)
{
	for (unsigned int i = 0; i < nr_pairs; i++) {
		const struct pair *pair = &pairs[i];

		if ((pair->watcher == watcher && pair->other == other) ||
		    (pair->watcher == other && pair->other == watcher))
			return true;
	}
	return false;
}

static void show_access(const struct kcsan_access *access)
{
	pr_err("%s%s of %zu bytes at %p by thread %d on CPU %u%s:\n",
	       access->marked ? "marked " : "", access->write ? "write" : "read", access->size,
	       (void *)access->addr, (int)access->pid, access->cpu,
	       access->interrupt ? ", in an interrupt" : "");
	for (unsigned int i = 0; i < access->nr_pcs; i++)
		pr_err(" [<%p>] %pS\n", (void *)access->pcs[i], (void *)access->pcs[i]);
}

static void show(const struct kcsan_report *report)
{
	void *watcher = (void *)report->watcher.pcs[0], *other = (void *)report->other.pcs[0];

	if (report->other.size)
		pr_err("KCSAN: data race: %pS and %pS\n", watcher, other);
	else
		pr_err("KCSAN: data race: %pS and code that is not checked\n", watcher);
	show_access(&report->watcher);
	if (report->other.size)
		show_access(&report->other);
	if (report->changed)
		pr_err("value changed: 0x%llx -> 0x%llx\n", report->before, report->after);
}

void kcsan_tell(const struct kcsan_report *report)
{
	unsigned long other = report->other.size ? report->other.pcs[0] : 0;
	kcsan_hook_t hook = READ_ONCE(kcsan_report_hook);
	bool known;

	assert_irqs_off();
	/*
	 * Nobody waits here: the CPU that reports may wait for the log, which this one may have.
	 * What is left out for that will be met again. It is no spinlock, which is checked code.
	 */
	if (__atomic_exchange_n(&is_busy, true, __ATOMIC_ACQUIRE))
		return;
	known = is_known(report->watcher.pcs[0], other);
	if (!known && nr_pairs < NR_PAIRS)
		pairs[nr_pairs++] = (struct pair){ report->watcher.pcs[0], other };
	if (!(hook && hook(report, known)) && !known) {
		WRITE_ONCE(nr_races, nr_races + 1);
		show(report);
	}
	__atomic_store_n(&is_busy, false, __ATOMIC_RELEASE);
}
