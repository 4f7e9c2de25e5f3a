/* SPDX-License-Identifier: MIT */
/*
 * Failures while attaching: memory that runs out at every single allocation, the patcher stopped at
 * every single write, and sites that do not hold what they should. Each failure must be reported,
 * and leave every site, record and filter as it was.
 */
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/arch.h"
#include "trace/core/hash.h"
#include "trace/core/ops.h"
#include "trace/core/patch_fault.h"
#include "trace/core/site_info.h"
#include "trace/output/trace.h"

static struct counter c = COUNTER, other = COUNTER;

/* Sums up everything that can be seen of the sites in one number. */
static u64 fingerprint(void)
{
	struct ftrace_site_info info;
	u64 sum = ftrace_nr_sites();
	unsigned int n;

	for (n = 0; ftrace_site_info(n, &info); n++) {
		struct ftrace_form form = { 0 };
		u64 value = info.ip + 3 * info.direct_call + 5 * info.trampoline + info.nr_ops;

		arch_ftrace_read(info.ip, &form);
		value = 31 * value + form.insn + 7 * form.literal;
		value = 31 * value + info.enabled + 2 * info.regs + 4 * info.direct +
			8 * info.touched + 16 * info.modified + 32 * info.ipmodify;
		sum = sum * 0x100000001b3ull + value;
	}
	return sum;
}

static unsigned int filter_counts(const struct ftrace_ops *op)
{
	return ftrace_hash_count(op->local_hash.filter_hash) * 100 +
	       ftrace_hash_count(op->local_hash.notrace_hash);
}

/* A kind of failure that can be made to happen at the n-th occasion. */
struct fault {
	const char *name;
	void (*strike_after)(int n);
	int err;
};
static const struct fault no_memory = { "allocation", mm_fail_after, -ENOMEM };
static const struct fault no_write = { "write", ftrace_patch_fail_after, -EFAULT };

/*
 * Make it happen at the 1st, 2nd, ... occasion in @action until that succeeds. Returns true if it
 * did.
 */
static bool survives(struct ktest *t, const struct fault *fault, const char *what,
		     int (*action)(void), const struct ftrace_ops *op)
{
	int n, err = fault->err;

	for (n = 0; n < 500 && err; n++) {
		u64 before = fingerprint();
		unsigned int filters = filter_counts(op), flags = op->flags;

		fault->strike_after(n);
		err = action();
		fault->strike_after(-1);
		if (!err)
			break;
		if (err != fault->err || fingerprint() != before ||
		    filter_counts(op) != filters || op->flags != flags) {
			ktest_fail(t, __FILE__, __LINE__, "%s, %s %d fails: error %d, %s%s%s",
				   what, fault->name, n, err,
				   fingerprint() != before ? "sites changed " : "",
				   filter_counts(op) != filters ? "filters changed " : "",
				   op->flags != flags ? "flags changed" : "");
			return false;
		}
	}
	return KT_EXPECT_EQ(t, err, 0);
}

static int do_register(void)
{
	return register_ftrace_function(&c.ops);
}

static int do_unregister(void)
{
	return unregister_ftrace_function(&c.ops);
}

static int do_set_filter(void)
{
	return ftrace_set_filter(&c.ops, "kt_*", 4, 1);
}

static int do_set_notrace(void)
{
	return ftrace_set_notrace(&c.ops, "kt_glob_*", 9, 0);
}

static int do_set_filter_ip(void)
{
	return ftrace_set_filter_ip(&c.ops, (unsigned long)kt_many, 0, 0);
}

static int do_direct(void)
{
	return register_ftrace_direct(&probe_direct_ops, PROBE_A);
}

static int do_modify(void)
{
	return modify_ftrace_direct(&probe_direct_ops, PROBE_B);
}

static int do_undirect(void)
{
	return unregister_ftrace_direct(&probe_direct_ops, PROBE_B, false);
}

static void everywhere(struct ktest *t, const struct fault *fault)
{
	if (survives(t, fault, "register", do_register, &c.ops) &&
	    survives(t, fault, "unregister", do_unregister, &c.ops))
		KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_sum));
}

KTEST(ftrace, no_memory_everywhere)
{
	everywhere(t, &no_memory);
}

/* An ops with SAVE_REGS comes beside a plain one and leaves again; then its filters change. */
static void beside_another(struct ktest *t, const struct fault *fault)
{
	KT_ASSERT(t, !counter_start(&other, "kt_[sm]*"));
	KT_EXPECT_EQ(t, ftrace_set_filter(&c.ops, "kt_sum", 6, 1), 0);
	if (FTRACE_HAVE_SAVE_REGS)
		c.ops.flags |= FTRACE_OPS_FL_SAVE_REGS;
	if (survives(t, fault, "register", do_register, &c.ops)) {
		survives(t, fault, "filter", do_set_filter, &c.ops);
		survives(t, fault, "notrace", do_set_notrace, &c.ops);
		survives(t, fault, "filter_ip", do_set_filter_ip, &c.ops);
		c.hits = other.hits = 0;
		KT_EXPECT_EQ(t, kt_sum(1, 2), 3);
		KT_EXPECT_EQ(t, c.hits, 1);
		KT_EXPECT_EQ(t, other.hits, 1);
		survives(t, fault, "unregister", do_unregister, &c.ops);
	}
	ftrace_free_filter(&c.ops);
	c.ops.flags &= ~FTRACE_OPS_FL_SAVE_REGS;
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, other.hits, 2);
	KT_EXPECT(t, counter_stop(&other));
}

KTEST(ftrace, no_memory_beside_another)
{
	beside_another(t, &no_memory);
}

KTEST(ftrace, no_write_beside_another)
{
	beside_another(t, &no_write);
}

static void direct_call(struct ktest *t, const struct fault *fault, bool shared)
{
	struct ftrace_ops *direct = &probe_direct_ops;

	KT_EXPECT_EQ(t, ftrace_set_filter(direct, "kt_[st]*", 8, 1), 0);
	if (shared)
		KT_EXPECT_EQ(t, counter_start(&other, "kt_s*"), 0);
	if (survives(t, fault, "direct", do_direct, direct) &&
	    survives(t, fault, "modify", do_modify, direct)) {
		probe_nr_events = 0;
		KT_EXPECT_EQ(t, kt_sum(1, 2), 3);
		KT_EXPECT_EQ(t, probe_nr_events, 1);
		KT_EXPECT_EQ(t, probe_events[0].direct, PROBE_B);
		survives(t, fault, "undirect", do_undirect, direct);
	}
	if (shared)
		KT_EXPECT(t, counter_stop(&other));
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_sum));
	ftrace_free_filter(direct);
}

KTEST(ftrace, no_memory_for_direct)
{
	KT_NEED_ARGS(t);
	direct_call(t, &no_memory, false);
	direct_call(t, &no_memory, true);
}

KTEST(ftrace, no_write_for_direct)
{
	KT_NEED_ARGS(t);
	direct_call(t, &no_write, false);
	direct_call(t, &no_write, true);
}

static int do_set_global(void)
{
	return ftrace_set_global_filter("kt_[gs]*", 8, 1);
}

static int do_set_global_notrace(void)
{
	return ftrace_set_global_notrace("kt_glob_*", 9, 0);
}

/*
 * Two ops that share their filters, one of them with SAVE_REGS, and a third with filters of its own
 * on some of the functions.
 */
static void shared_filters(struct ktest *t, const struct fault *fault)
{
	struct counter third = COUNTER;

	KT_EXPECT_EQ(t, ftrace_set_global_filter("kt_sum", 6, 1), 0);
	KT_ASSERT(t, !counter_start(&third, "kt_[gm]*"));
	c.ops.flags = FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED;
	ftrace_ops_set_global_filter(&c.ops);
	ftrace_ops_set_global_filter(&other.ops);
	KT_EXPECT_EQ(t, counter_start(&c, NULL), 0);
	KT_EXPECT_EQ(t, counter_start(&other, NULL), 0);
	survives(t, fault, "filter", do_set_global, global_trace.ops);
	KT_EXPECT_EQ(t, counter_globs(&c), 111);
	survives(t, fault, "notrace", do_set_global_notrace, global_trace.ops);
	KT_EXPECT_EQ(t, counter_globs(&other), 0);
	KT_EXPECT_EQ(t, counter_globs(&third), 111);
	c.hits = other.hits = 0;
	KT_EXPECT_EQ(t, kt_sum(1, 2), 3);
	KT_EXPECT_EQ(t, c.hits, 1);
	KT_EXPECT_EQ(t, other.hits, 1);
	KT_EXPECT(t, counter_stop(&c) && counter_stop(&other) && counter_stop(&third));
	KT_EXPECT_EQ(t, ftrace_set_global_filter(NULL, 0, 1), 0);
	KT_EXPECT_EQ(t, ftrace_set_global_notrace(NULL, 0, 1), 0);
	c.ops.flags = 0;
}

KTEST(ftrace, no_memory_for_shared_filters)
{
	shared_filters(t, &no_memory);
}

KTEST(ftrace, no_write_for_shared_filters)
{
	shared_filters(t, &no_write);
}

static int do_switch_off(void)
{
	return ftrace_set_enabled(false);
}

static int do_switch_on(void)
{
	return ftrace_set_enabled(true);
}

/* The callback and the direct function must each run once. Then they are unregistered. */
static void call_and_detach(struct ktest *t)
{
	c.hits = probe_nr_events = 0;
	KT_EXPECT_EQ(t, kt_sum(1, 2), 3);
	KT_EXPECT_EQ(t, c.hits, 1);
	KT_EXPECT_EQ(t, probe_nr_events, FTRACE_HAVE_ARGS);
	if (FTRACE_HAVE_ARGS)
		KT_EXPECT_EQ(t, unregister_ftrace_direct(&probe_direct_ops, PROBE_A, true), 0);
	ftrace_free_filter(&probe_direct_ops);
	KT_EXPECT(t, counter_stop(&c));
}

/*
 * The switch is set off and on again, with a direct call, a callback with SAVE_REGS, and both on
 * one site.
 */
static void switching(struct ktest *t, const struct fault *fault)
{
	u64 before;

	KT_EXPECT_EQ(t, ftrace_set_filter(&probe_direct_ops, "kt_[st]*", 8, 1), 0);
	KT_ASSERT(t, !FTRACE_HAVE_ARGS || !do_direct());
	c.ops.flags = FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED;
	KT_ASSERT(t, !counter_start(&c, "kt_[sm]*"));
	before = fingerprint();
	survives(t, fault, "switch off", do_switch_off, &c.ops);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_sum));
	survives(t, fault, "switch on", do_switch_on, &c.ops);
	KT_EXPECT_EQ(t, fingerprint(), before);
	KT_EXPECT_EQ(t, do_switch_off(), 0);
	survives(t, fault, "unregister while off", do_unregister, &c.ops);
	survives(t, fault, "register while off", do_register, &c.ops);
	survives(t, fault, "switch on again", do_switch_on, &c.ops);
	call_and_detach(t);
	c.ops.flags = 0;
}

KTEST(ftrace, no_memory_for_the_switch)
{
	switching(t, &no_memory);
}

KTEST(ftrace, no_write_for_the_switch)
{
	switching(t, &no_write);
}

/*
 * One byte of one site among several is wrong. False if @action() did not refuse: what stands at
 * the site then is not known, and writing the right byte over it would make an instruction that
 * jumps anywhere.
 */
static bool with_wrong_byte(struct ktest *t, unsigned int byte, int (*action)(void),
			    const struct ftrace_ops *op)
{
	u8 *site = (u8 *)ftrace_location((unsigned long)kt_sum);
	u8 good = site[byte], bad = good ^ 0x10;
	unsigned int flags = op->flags;
	u64 before;

	if (!KT_EXPECT(t, !arch_text_write(site + byte, &bad, 1)))
		return false;
	before = fingerprint();
	if (!KT_EXPECT_EQ(t, action(), -EINVAL))
		return false;
	KT_EXPECT_EQ(t, fingerprint(), before);
	KT_EXPECT_EQ(t, op->flags, flags);
	KT_EXPECT_EQ(t, site[byte], bad);
	return KT_EXPECT_EQ(t, arch_text_write(site + byte, &good, 1), 0);
}

KTEST(ftrace, wrong_bytes_at_a_site)
{
	unsigned int byte;

	KT_EXPECT_EQ(t, ftrace_set_filter(&c.ops, "kt_*", 4, 1), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter(&probe_direct_ops, "kt_s*", 5, 1), 0);
	for (byte = 0; byte < FTRACE_INSN_SIZE; byte++) {
		if (!with_wrong_byte(t, byte, do_register, &c.ops))
			return;
		if (FTRACE_HAVE_ARGS && !with_wrong_byte(t, byte, do_direct, &probe_direct_ops))
			return;
	}
	KT_EXPECT_EQ(t, counter_start(&other, "kt_sum"), 0);
	/* A site that calls something is verified, too. */
	if (!with_wrong_byte(t, FTRACE_INSN_SIZE - 1, do_register, &c.ops))
		return;
	if (FTRACE_HAVE_ARGS && !with_wrong_byte(t, 0, do_direct, &probe_direct_ops))
		return;
	KT_EXPECT(t, counter_stop(&other));
	/* Once the right bytes are back, everything works. */
	KT_EXPECT_EQ(t, do_register(), 0);
	if (FTRACE_HAVE_ARGS)
		KT_EXPECT_EQ(t, do_direct(), 0);
	call_and_detach(t);
}

/* A filter change that meets a wrong site: neither the new sites nor the old ones change. */
KTEST(ftrace, wrong_bytes_while_changing_filter)
{
	KT_ASSERT(t, !counter_start(&c, "kt_glob_*"));
	if (!with_wrong_byte(t, 0, do_set_filter, &c.ops))
		return;
	KT_EXPECT_EQ(t, counter_globs(&c), 111);
	KT_EXPECT_EQ(t, do_set_filter(), 0);
	c.hits = 0;
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, c.hits, 1);
	KT_EXPECT(t, counter_stop(&c));
}

/*
 * Some sites were changed already when a write failed, and another CPU called them. Once the call
 * has failed, its ops and their callback may be freed, so no thread may be inside.
 */
#define LINGER_NS (30 * NSEC_PER_MSEC)	/* longer than it takes to put all sites back, mostly */
#define ENOUGH 20			/* such calls; on a busy host it takes longer in some */

static unsigned int entered, inside;
static unsigned int nr_entered;	/* calls that failed, and whose callback had been entered */

static void linger(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		   struct ftrace_regs *fregs)
{
	u64 end = ktime_get_ns() + LINGER_NS;

	__atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST);
	while (ktime_get_ns() < end)
		arch_cpu_relax();
	/* KASAN reports this read if the ops was freed. */
	__atomic_fetch_add(&entered, READ_ONCE(op->func) == linger, __ATOMIC_SEQ_CST);
	__atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST);
}

static int call_all_the_time(void *stop)
{
	kt_loop_until(stop);
	return 0;
}

/* Attaches an ops, and frees it as soon as that has failed at write @n. Returns 0 or the error. */
static int attach_for_a_while(struct ktest *t, int n)
{
	struct ftrace_ops *ops = kzalloc(sizeof(*ops), GFP_KERNEL);
	int err;

	if (!ops)
		return -ENOMEM;
	ops->func = linger;
	KT_EXPECT_EQ(t, ftrace_set_filter(ops, "kt_*", 4, 1), 0);
	ftrace_patch_fail_after(n);
	err = register_ftrace_function(ops);
	ftrace_patch_fail_after(-1);
	if (!err)
		KT_EXPECT_EQ(t, unregister_ftrace_function(ops), 0);
	ftrace_free_filter(ops);
	kfree(ops);
	return err;
}

/* Fails at one write after the other. Returns false if somebody was still inside afterwards. */
static bool left_after_each_failure(struct ktest *t)
{
	int n, err = -EFAULT;

	for (n = 0; err && n < 500; n += 13) {
		WRITE_ONCE(entered, 0);
		err = attach_for_a_while(t, n);
		nr_entered += err && READ_ONCE(entered);
		if (err && (!KT_EXPECT_EQ(t, err, -EFAULT) ||
			    !KT_EXPECT_EQ(t, __atomic_load_n(&inside, __ATOMIC_SEQ_CST), 0)))
			return false;
	}
	return KT_EXPECT_EQ(t, err, 0);
}

KTEST(ftrace, nobody_stays_in_what_failed)
{
	/* A busy host may not run the other CPU at the right moment for a long time. */
	u64 deadline = ktime_get_ns() + 40 * NSEC_PER_SEC;
	unsigned int stop = 0;
	struct task_struct *task;

	if (nr_cpus_online == 1)
		KT_SKIP(t, "one CPU");
	kt_one_cpu(t);
	task = kthread_create(call_all_the_time, &stop, "ktest-caller");
	KT_ASSERT(t, !IS_ERR(task));
	kthread_bind(task, 1);
	wake_up_process(task);
	nr_entered = 0;
	while (left_after_each_failure(t) && nr_entered < ENOUGH && ktime_get_ns() < deadline)
		;
	WRITE_ONCE(stop, 1);
	kthread_join(task);
}

/* A write fails: the log names the site and tells what it holds, and nobody else wrote there. */
KTEST(ftrace, failed_write_is_reported)
{
	static char log[512];
	char expected[64];
	u64 end = 0;

	KT_EXPECT_EQ(t, ftrace_set_filter(&c.ops, "kt_sum", 6, 1), 0);
	scnprintf(expected, sizeof(expected),
		  "ftrace: kt_sum at %lx could not be written; it holds <",
		  ftrace_location((unsigned long)kt_sum));
	while (printk_read(&end, log, sizeof(log) - 1))
		;
	ftrace_patch_fail_after(0);
	KT_EXPECT_EQ(t, do_register(), -EFAULT);
	ftrace_patch_fail_after(-1);
	log[printk_read(&end, log, sizeof(log) - 1)] = '\0';
	KT_EXPECT(t, strstr(log, expected) != NULL);
	KT_EXPECT(t, strstr(log, "found <") == NULL);
	ftrace_free_filter(&c.ops);
}
