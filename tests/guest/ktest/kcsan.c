/* SPDX-License-Identifier: MIT */
/*
 * KCSAN sees each kind of data race, names both sides, and says nothing of accesses that do not
 * race. Two threads make accesses, on two CPUs if there are so many, for as long as it takes; a
 * hook takes the reports. Races elsewhere in the kernel make the test fail. What the kernel itself
 * does on two CPUs at once is in kcsan_kernel.c.
 */
#include "tests/guest/ktest/kcsan.h"
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/kcsan/kcsan.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/spinlock.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "tests/guest/ktest/ktest.h"

#define QUIET_NS (100 * NSEC_PER_MSEC)	/* so long nothing may be found */
#define FOUND_NS (60 * NSEC_PER_SEC)	/* there is a race: it depends on the host when it is met */

static struct {
	unsigned long word;
	char bytes[64];
	spinlock_t lock;
} shared = { .lock = SPINLOCK_INIT };

unsigned int kt_nr_reports;
pid_t kt_both_pids[2];

static struct kcsan_report last;
static unsigned int nr_known;
static bool wants_both_sides;

/* Called by one CPU at a time. Reports of anything else go to the log, and fail the test. */
static bool take_report(const struct kcsan_report *report, bool is_known)
{
	if (report->watcher.addr - (unsigned long)&shared >= sizeof(shared))
		return false;
	/*
	 * A thread may lose its CPU between the check of an access and the access, so that the
	 * watcher sees what it has done, but not who it was.
	 */
	if (wants_both_sides && !report->other.size)
		return true;
	if (!kt_nr_reports)
		last = *report;
	nr_known += is_known;
	WRITE_ONCE(kt_nr_reports, kt_nr_reports + 1);
	return true;
}

/* What the other thread does until it is told to end. */
struct other {
	void (*access)(void);
	bool done;
};

static int other_thread(void *data)
{
	struct other *other = data;

	while (!READ_ONCE(other->done))
		other->access();
	return 0;
}

void kt_call_both(struct ktest *t, void (*mine)(void), void (*others)(void), kcsan_hook_t hook,
		  unsigned int wanted, u64 ns)
{
	struct other other = { .access = others };
	struct task_struct *task = kthread_create(other_thread, &other, "other");
	u64 cycles = ns / NSEC_PER_USEC * (arch_clock_hz() / 1000000), start;

	KT_ASSERT(t, !IS_ERR(task));
	kt_one_cpu(t);
	kthread_bind(task, nr_cpus_online > 1);
	kt_both_pids[0] = current->pid;
	kt_both_pids[1] = task->pid;
	kt_nr_reports = 0;
	kcsan_report_hook = hook;
	wake_up_process(task);
	/* The counter itself, because ktime_get_ns() would make more accesses than @mine. */
	start = arch_clock_cycles();
	while (READ_ONCE(kt_nr_reports) < wanted && arch_clock_cycles() - start < cycles)
		mine();
	WRITE_ONCE(other.done, true);
	kthread_join(task);
	/* Not before: the other thread may have been watching when the last report was counted. */
	kcsan_report_hook = NULL;
}

/* The same, and takes the reports of what is shared here. */
static void make_accesses(struct ktest *t, void (*mine)(void), void (*others)(void),
			  unsigned int wanted, u64 ns)
{
	memset(&last, 0, sizeof(last));
	nr_known = 0;
	kt_call_both(t, mine, others, take_report, wanted, ns);
}

static bool is_of(const struct kcsan_access *access, const char *name)
{
	static char found[KSYM_NAME_LEN];

	return access->size && !lookup_symbol_name(access->pcs[0] - 1, found) &&
	       !strcmp(found, name);
}

/* Whoever was met, the two functions are the two sides. Returns that of @name. */
static const struct kcsan_access *side_of(const char *name)
{
	return is_of(&last.watcher, name) ? &last.watcher : is_of(&last.other, name) ? &last.other :
	       NULL;
}

static void expect_race(struct ktest *t, void (*mine)(void), const char *my_name,
			void (*others)(void), const char *other_name)
{
	wants_both_sides = true;
	make_accesses(t, mine, others, 1, FOUND_NS);
	wants_both_sides = false;
	KT_ASSERT(t, kt_nr_reports);
	KT_EXPECT(t, side_of(my_name));
	KT_EXPECT(t, side_of(other_name));
}

static void expect_none(struct ktest *t, void (*mine)(void), void (*others)(void))
{
	make_accesses(t, mine, others, 1, QUIET_NS);
	KT_EXPECT_EQ(t, kt_nr_reports, 0);
}

static noinline void write_plainly(void)
{
	shared.word = 1;
}

static noinline void count_plainly(void)
{
	shared.word++;
}

static noinline void read_plainly(void)
{
	unsigned long value = shared.word;

	__asm__ volatile("" : : "r"(value));
}

static noinline void write_marked(void)
{
	WRITE_ONCE(shared.word, READ_ONCE(shared.word) + 1);
}

static noinline void count_atomically(void)
{
	__atomic_fetch_add(&shared.word, 1, __ATOMIC_RELAXED);
}

static noinline void read_marked(void)
{
	(void)READ_ONCE(shared.word);
}

static noinline void read_any_value(void)
{
	/* Nothing is done with it. */
	unsigned long value = data_race(shared.word);

	__asm__ volatile("" : : "r"(value));
}

static noinline void count_unseen(void)
{
	data_race(shared.word++);
}

static noinline void count_locked(void)
{
	spin_lock(&shared.lock);
	shared.word++;
	spin_unlock(&shared.lock);
}

static noinline void fill_bytes(void)
{
	memset(shared.bytes, 1, sizeof(shared.bytes));
}

static noinline void write_last_byte(void)
{
	shared.bytes[sizeof(shared.bytes) - 1] = 2;
}

static noinline void write_beside_bytes(void)
{
	shared.word = 3;
}

KTEST(kcsan, plain_accesses)
{
	const struct kcsan_access *side;

	expect_race(t, write_plainly, "write_plainly", count_plainly, "count_plainly");
	side = side_of("write_plainly");
	KT_ASSERT(t, side);
	KT_EXPECT_EQ(t, side->addr, (unsigned long)&shared.word);
	KT_EXPECT_EQ(t, side->size, sizeof(shared.word));
	KT_EXPECT_EQ(t, side->cpu, 0);
	KT_EXPECT(t, side->write && !side->marked && side->nr_pcs > 2);
	side = side_of("count_plainly");
	KT_ASSERT(t, side);
	KT_EXPECT_EQ(t, side->cpu, nr_cpus_online > 1);
	KT_EXPECT(t, side->nr_pcs > 2);
	expect_race(t, read_plainly, "read_plainly", count_plainly, "count_plainly");
}

/* One marked side does not make the other one right. */
KTEST(kcsan, plain_and_marked)
{
	expect_race(t, read_plainly, "read_plainly", write_marked, "write_marked");
	KT_EXPECT(t, !last.watcher.marked && last.other.marked);
	expect_race(t, write_plainly, "write_plainly", read_marked, "read_marked");
	expect_race(t, count_plainly, "count_plainly", count_atomically, "count_atomically");
}

KTEST(kcsan, what_does_not_race)
{
	expect_none(t, write_marked, read_marked);
	expect_none(t, write_marked, count_atomically);
	expect_none(t, read_plainly, read_plainly);
	expect_none(t, count_locked, count_locked);
	expect_none(t, fill_bytes, write_beside_bytes);
	expect_none(t, read_any_value, write_marked);
}

/* Of code that is not checked there is only what it has done. */
KTEST(kcsan, value_changes)
{
	make_accesses(t, read_plainly, count_unseen, 1, FOUND_NS);
	KT_ASSERT(t, kt_nr_reports);
	KT_EXPECT(t, is_of(&last.watcher, "read_plainly"));
	KT_EXPECT_EQ(t, last.other.size, 0);
	KT_EXPECT(t, last.changed && last.before != last.after);
}

KTEST(kcsan, string_functions)
{
	const struct kcsan_access *side;

	expect_race(t, fill_bytes, "fill_bytes", write_last_byte, "write_last_byte");
	side = side_of("fill_bytes");
	KT_ASSERT(t, side);
	KT_EXPECT_EQ(t, side->size, sizeof(shared.bytes));
}

/* Further reports of the same two places are of a known race. */
KTEST(kcsan, each_pair_once)
{
	make_accesses(t, count_plainly, write_plainly, 4, FOUND_NS);
	/* There are few pairs of places in the two functions, so some must have come twice. */
	KT_ASSERT(t, kt_nr_reports >= 4);
	KT_EXPECT(t, nr_known > 0);
}

static void count_in_interrupt(void *unused)
{
	count_atomically();
}

static void interrupt_cpu_0(void)
{
	smp_call_function_single(0, count_in_interrupt, NULL);
}

KTEST(kcsan, interrupts)
{
	if (nr_cpus_online == 1)
		KT_SKIP(t, "another CPU sends the interrupts");
	expect_race(t, count_plainly, "count_plainly", interrupt_cpu_0, "count_atomically");
	KT_EXPECT(t, last.other.interrupt && !last.watcher.interrupt);
	KT_EXPECT_EQ(t, last.other.cpu, last.watcher.cpu);
	KT_EXPECT_EQ(t, last.other.pid, last.watcher.pid);
}
