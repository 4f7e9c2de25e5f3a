/* SPDX-License-Identifier: MIT */
/*
 * Tracepoints: a site is a NOP until somebody registers, and then each probe is called, in order,
 * with the arguments. Changes may fail at any step, and may come while all CPUs run the site. The
 * probes are in this file, and so are untraced.
 */
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/module/module.h"
#include "kernel/sched/percpu.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/kt_events.h"
#include "tests/guest/ktest/ktest.h"
#include "trace/arch.h"
#include "trace/core/jump.h"
#include "trace/core/patch_fault.h"

extern const struct jump_site __start_jump_sites[], __stop_jump_sites[];

struct seen {
	unsigned int calls, last;
	char order[8];
	unsigned int nr;
};

static void note(struct seen *seen, unsigned int turn, char who)
{
	__atomic_fetch_add(&seen->calls, 1, __ATOMIC_RELAXED);
	seen->last = turn;
	if (seen->nr < sizeof(seen->order) - 1)
		seen->order[seen->nr++] = who;
}

static void probe_a(void *data, unsigned int turn)
{
	note(data, turn, 'a');
}

static void probe_b(void *data, unsigned int turn)
{
	note(data, turn, 'b');
}

static void probe_c(void *data, unsigned int turn)
{
	note(data, turn, 'c');
}

static noinline void hit(unsigned int turn)
{
	trace_kt_count(turn);
}

static const struct jump_site *first_site(const struct jump_key *key)
{
	const struct jump_site *site = __start_jump_sites;

	while (site < __stop_jump_sites && site->key != key)
		site++;
	return site;
}

/* The site of hit(), or another one of the tracepoint: they change together. */
static bool is_jump(void)
{
	const struct jump_site *site = first_site(&__tracepoint_kt_count.key);
	struct ftrace_form form;

	if (arch_ftrace_read(site->ip, &form))
		return false;
	return form.insn == arch_ftrace_jump(site->ip, site->target);
}

static bool is_nop(void)
{
	const struct jump_site *site = first_site(&__tracepoint_kt_count.key);
	struct ftrace_form form;

	return !arch_ftrace_read(site->ip, &form) && form.insn == arch_ftrace_jump(site->ip, 0);
}

KTEST(tracepoint, probes_are_called_in_order)
{
	struct seen seen = { .calls = 0 };

	KT_ASSERT(t, is_nop() && !trace_kt_count_enabled());
	hit(1);
	KT_EXPECT_EQ(t, register_trace_kt_count(probe_a, &seen), 0);
	KT_EXPECT(t, is_jump() && trace_kt_count_enabled());
	KT_EXPECT_EQ(t, register_trace_kt_count(probe_b, &seen), 0);
	KT_EXPECT_EQ(t, register_trace_kt_count(probe_c, &seen), 0);
	KT_EXPECT_EQ(t, register_trace_kt_count(probe_b, &seen), -EEXIST);
	hit(7);
	KT_EXPECT_STREQ(t, seen.order, "abc");
	KT_EXPECT_EQ(t, seen.last, 7);
	KT_EXPECT_EQ(t, unregister_trace_kt_count(probe_b, &seen), 0);
	KT_EXPECT_EQ(t, unregister_trace_kt_count(probe_b, &seen), -ENOENT);
	KT_EXPECT_EQ(t, unregister_trace_kt_count(probe_a, NULL), -ENOENT);
	hit(8);
	KT_EXPECT_STREQ(t, seen.order, "abcac");
	KT_EXPECT_EQ(t, unregister_trace_kt_count(probe_a, &seen), 0);
	KT_EXPECT(t, is_jump());
	KT_EXPECT_EQ(t, unregister_trace_kt_count(probe_c, &seen), 0);
	KT_EXPECT(t, is_nop());
	hit(9);
	KT_EXPECT_EQ(t, seen.calls, 5);
}

/* Another probe takes the place of one, between the others. */
KTEST(tracepoint, probes_are_replaced)
{
	struct tracepoint *tp = &__tracepoint_kt_count;
	struct seen seen = { .calls = 0 };

	KT_EXPECT_EQ(t, tracepoint_probe_replace(tp, probe_a, probe_b, &seen), -ENOENT);
	KT_EXPECT_EQ(t, register_trace_kt_count(probe_a, &seen), 0);
	KT_EXPECT_EQ(t, register_trace_kt_count(probe_b, &seen), 0);
	hit(1);
	KT_EXPECT_EQ(t, tracepoint_probe_replace(tp, probe_a, probe_c, &seen), 0);
	KT_EXPECT_EQ(t, tracepoint_probe_replace(tp, probe_a, probe_c, &seen), -ENOENT);
	hit(2);
	KT_EXPECT_STREQ(t, seen.order, "abcb");
	KT_EXPECT_EQ(t, unregister_trace_kt_count(probe_b, &seen), 0);
	KT_EXPECT_EQ(t, unregister_trace_kt_count(probe_c, &seen), 0);
	KT_EXPECT(t, is_nop());
}

static bool is_off(const struct seen *seen)
{
	unsigned int before = seen->calls;

	hit(0);
	return seen->calls == before && is_nop();
}

/* Registering and unregistering with the n-th write or allocation failing, for each n. */
static void try_faults(struct ktest *t, void (*fail_after)(int n), int expected)
{
	struct seen seen = { .calls = 0 };
	int err = expected;

	for (int n = 0; err; n++) {
		fail_after(n);
		err = register_trace_kt_count(probe_a, &seen);
		fail_after(-1);
		KT_ASSERT(t, !err || (err == expected && is_off(&seen)));
		KT_ASSERT(t, n < 500);
	}
	KT_EXPECT(t, is_jump());
	err = expected;
	for (int n = 0; err; n++) {
		unsigned int before = seen.calls;

		fail_after(n);
		err = unregister_trace_kt_count(probe_a, &seen);
		fail_after(-1);
		hit(0);
		KT_ASSERT(t, !err || (err == expected && is_jump() && seen.calls == before + 1));
		KT_ASSERT(t, n < 500);
	}
	KT_EXPECT(t, is_off(&seen));
}

KTEST(tracepoint, failed_change_changes_nothing)
{
	try_faults(t, ftrace_patch_fail_after, -EFAULT);
	try_faults(t, mm_fail_after, -ENOMEM);
}

/* --- While all CPUs run the site --- */

static struct {
	struct seen seen;
	unsigned int hits, wrong;
	bool stop;
} crowd;

/* A probe that checks its argument, in whatever state the site is. */
static void crowd_probe(void *data, unsigned int turn)
{
	if (data != &crowd || turn != 4711)
		__atomic_fetch_add(&crowd.wrong, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&crowd.seen.calls, 1, __ATOMIC_RELAXED);
}

static int hit_often(void *unused)
{
	while (!READ_ONCE(crowd.stop)) {
		/* Interrupts off half of the time: an int3 has to do without them. */
		unsigned long flags = arch_irq_save();

		hit(4711);
		arch_irq_restore(flags);
		hit(4711);
		/* The thread that changes the site may be on this CPU, and is to come soon. */
		if (__atomic_add_fetch(&crowd.hits, 2, __ATOMIC_RELAXED) % 64 == 0)
			schedule();
	}
	return 0;
}

KTEST(tracepoint, changes_while_all_cpus_hit_it)
{
	struct task_struct *threads[NR_CPUS];
	unsigned int cpu, nr = nr_cpus_online, calls, hits;

	memset(&crowd, 0, sizeof(crowd));
	for (cpu = 0; cpu < nr; cpu++) {
		threads[cpu] = kthread_create(hit_often, NULL, "hits/%u", cpu);
		KT_ASSERT(t, !IS_ERR(threads[cpu]));
		kthread_bind(threads[cpu], cpu);
		wake_up_process(threads[cpu]);
	}
	for (unsigned int turn = 0; turn < 8; turn++) {
		KT_EXPECT_EQ(t, register_trace_kt_count(crowd_probe, &crowd), 0);
		if (turn % 4 == 0) {
			calls = READ_ONCE(crowd.seen.calls);
			KT_WAIT(t, READ_ONCE(crowd.seen.calls) != calls);
		}
		KT_EXPECT_EQ(t, unregister_trace_kt_count(crowd_probe, &crowd), 0);
		/* From here on nobody is in the probe, nor comes there. */
		calls = READ_ONCE(crowd.seen.calls);
		hits = READ_ONCE(crowd.hits);
		if (turn % 4 == 0)
			KT_WAIT(t, READ_ONCE(crowd.hits) != hits);
		KT_EXPECT_EQ(t, READ_ONCE(crowd.seen.calls), calls);
	}
	WRITE_ONCE(crowd.stop, true);
	for (cpu = 0; cpu < nr; cpu++)
		kthread_join(threads[cpu]);
	KT_EXPECT_EQ(t, crowd.wrong, 0);
	KT_EXPECT(t, is_nop());
}

/* A thread that is preempted in a probe is waited for. */
static struct {
	bool entered, leave, left;
} inside;

static void slow_probe(void *data, unsigned int turn)
{
	WRITE_ONCE(inside.entered, true);
	while (!READ_ONCE(inside.leave))
		arch_cpu_relax();
	WRITE_ONCE(inside.left, true);
}

static int hit_once(void *unused)
{
	hit(1);
	return 0;
}

static int let_leave(void *unused)
{
	msleep(30);
	WRITE_ONCE(inside.leave, true);
	return 0;
}

KTEST(tracepoint, unregistering_waits_for_probes)
{
	struct task_struct *hitting, *letting;

	memset(&inside, 0, sizeof(inside));
	KT_ASSERT(t, !register_trace_kt_count(slow_probe, NULL));
	hitting = kthread_run(hit_once, NULL, "hits");
	KT_ASSERT(t, !IS_ERR(hitting));
	KT_WAIT(t, READ_ONCE(inside.entered));
	letting = kthread_run(let_leave, NULL, "lets");
	KT_ASSERT(t, !IS_ERR(letting));
	KT_EXPECT_EQ(t, unregister_trace_kt_count(slow_probe, NULL), 0);
	KT_EXPECT(t, READ_ONCE(inside.left));
	kthread_join(letting);
	kthread_join(hitting);
}

/* A module's sites are like the kernel's, also if the tracepoint is on when the module comes. */
KTEST(tracepoint, sites_of_modules)
{
	struct seen seen = { .calls = 0 };
	void (*module_hit)(unsigned int turn);

	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !register_trace_kt_count(probe_a, &seen));
	KT_EXPECT_EQ(t, insmod(KTEST_MODULE), 0);
	module_hit = (void (*)(unsigned int))kallsyms_lookup_name("ktest_module_hit");
	KT_ASSERT(t, module_hit);
	module_hit(3);
	KT_EXPECT(t, seen.calls == 1 && seen.last == 3);
	KT_EXPECT_EQ(t, unregister_trace_kt_count(probe_a, &seen), 0);
	module_hit(4);
	KT_EXPECT_EQ(t, seen.calls, 1);
	KT_EXPECT_EQ(t, register_trace_kt_count(probe_b, &seen), 0);
	module_hit(5);
	KT_EXPECT(t, seen.calls == 2 && seen.last == 5);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	hit(6);
	KT_EXPECT_EQ(t, seen.calls, 3);
	KT_EXPECT_EQ(t, unregister_trace_kt_count(probe_b, &seen), 0);
	KT_EXPECT(t, is_off(&seen));
}

KTEST(tracepoint, probes_left_by_modules)
{
	char *params[] = { "leave_probe=1" };
	char why[80];

	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !module_insert(KTEST_MODULE, 1, params, why, sizeof(why)));
	KT_EXPECT(t, is_jump());
	hit(1);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT(t, is_nop());
	hit(2);
}

static void count_tracepoint(struct tracepoint *tp, void *priv)
{
	unsigned int *found = priv;

	found[0]++;
	found[1] += !strcmp(tp->name, "sched_switch") || !strcmp(tp->name, "kt_kinds");
}

KTEST(tracepoint, all_are_listed)
{
	unsigned int found[2] = { 0, 0 };

	for_each_kernel_tracepoint(count_tracepoint, found);
	KT_EXPECT(t, found[0] > 20);
	KT_EXPECT_EQ(t, found[1], 2);
}
