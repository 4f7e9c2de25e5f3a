/* SPDX-License-Identifier: MIT */
/*
 * peerbench: what one call of a traceable function costs under ftrace.
 *
 * Built into the kernel (drivers/peerbench/), driven through /proc/peerbench:
 *
 *	read			"<clock> <idle_us> <retired>" right now
 *	write "calib"		loops of known length, to see what the clock counts
 *	write "ops N R"		every ftrace_ops / direct-call case, R runs of N calls
 *	write "run NAME N R"	only the timed loop (someone else set up a tracer)
 *	write "printk N R"	__trace_bprintk()/__trace_bputs() per event
 *	write "marks"		clock values taken while booting
 *
 * Every timed section runs with interrupts off, between two reads of a raw
 * counter.  Results go to the kernel log as "PEER ..." lines; the arithmetic
 * is left to the reader.  Each case is first checked with callbacks that
 * count, and then timed with callbacks that do nothing.
 */
#include <linux/ftrace.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kallsyms.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/tick.h>
#include <linux/trace.h>
#include <linux/uaccess.h>
#include "clock.h"
#include "tramp.h"

#define MAXOPS	100
#define CHECK_CALLS 50

/* -------------------------------------------------------------- tracees */

noinline __noclone void tracee_relevant(void);
noinline __noclone void tracee_relevant(void)
{
	asm volatile("" ::: "memory");
}

noinline __noclone void tracee_irrelevant(void);
noinline __noclone void tracee_irrelevant(void)
{
	asm volatile("" ::: "memory");
}

/* This has the same body, but the compiler makes no patch site in it. */
static noinline __noclone notrace void no_site(void)
{
	asm volatile("" ::: "memory");
}

#define TIMED(body, n)						\
({								\
	unsigned long __fl;					\
	unsigned int __i;					\
	u64 __a, __b;						\
	local_irq_save(__fl);					\
	__a = clk();						\
	for (__i = 0; __i < (n); __i++)				\
		body;						\
	__b = clk();						\
	local_irq_restore(__fl);				\
	__b - __a;						\
})

static noinline notrace u64 time_relevant(unsigned int n)
{
	return TIMED(tracee_relevant(), n);
}

static noinline notrace u64 time_irrelevant(unsigned int n)
{
	return TIMED(tracee_irrelevant(), n);
}

static noinline notrace u64 time_no_site(unsigned int n)
{
	return TIMED(no_site(), n);
}

static noinline notrace u64 time_nothing(unsigned int n)
{
	return TIMED(asm volatile("" ::: "memory"), n);
}

static void say(const char *name, unsigned int n, unsigned int rep, u64 t)
{
	pr_info("PEER res %s n=%u rep=%u ticks=%llu\n", name, n, rep, t);
}

static void run_loop(const char *name, u64 (*fn)(unsigned int),
		     unsigned int n, unsigned int reps)
{
	u64 best = ~0ULL, *v;
	unsigned int r, i;

	v = kcalloc(reps, sizeof(*v), GFP_KERNEL);
	if (!v)
		return;
	fn(n / 100 + 1);
	for (r = 0; r < reps; r++)
		v[r] = fn(n);
	if (reps <= 4) {
		for (r = 0; r < reps; r++)
			say(name, n, r, v[r]);
	} else {
		/* Sort by insertion, to report the minimum, median and maximum. */
		for (r = 1; r < reps; r++)
			for (i = r; i && v[i] < v[i - 1]; i--)
				swap(v[i], v[i - 1]);
		best = v[0];
		pr_info("PEER stat %s n=%u reps=%u min=%llu med=%llu max=%llu\n",
			name, n, reps, best, v[reps / 2], v[reps - 1]);
	}
	kfree(v);
}

/* ------------------------------------------------------------ callbacks */

static void notrace cb_empty(unsigned long ip, unsigned long parent_ip,
			     struct ftrace_ops *op, struct ftrace_regs *fregs)
{
}

static void notrace cb_count(unsigned long ip, unsigned long parent_ip,
			     struct ftrace_ops *op, struct ftrace_regs *fregs)
{
	(*(unsigned long *)op->private)++;
}

static struct ftrace_ops rel_ops[MAXOPS], irr_ops[MAXOPS], direct_ops;
static unsigned long hits_rel, hits_irr;

static int ops_up(struct ftrace_ops *o, unsigned int count, void *target,
		  ftrace_func_t cb, unsigned long *hits, unsigned long flags)
{
	unsigned int i;
	int err;

	for (i = 0; i < count; i++) {
		memset(&o[i], 0, sizeof(o[i]));
		o[i].func = cb;
		o[i].private = hits;
		o[i].flags = flags;
		err = 0;
		if (target)	/* otherwise it sees every function */
			err = ftrace_set_filter_ip(&o[i], (unsigned long)target, 0, 0);
		if (!err)
			err = register_ftrace_function(&o[i]);
		if (err) {
			ftrace_free_filter(&o[i]);
			while (i--) {
				unregister_ftrace_function(&o[i]);
				ftrace_free_filter(&o[i]);
			}
			return err;
		}
	}
	return 0;
}

static void ops_down(struct ftrace_ops *o, unsigned int count)
{
	while (count--) {
		unregister_ftrace_function(&o[count]);
		ftrace_free_filter(&o[count]);
	}
}

static void call_both(unsigned int n)
{
	while (n--) {
		tracee_relevant();
		tracee_irrelevant();
	}
}

/* ---------------------------------------------------------- direct calls */

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
unsigned long peer_direct_hits;
void peer_direct_empty(void);
void peer_direct_count(void);
void peer_tramp_empty(void);
void peer_tramp_count(void);

noinline notrace void peer_direct_empty(void)
{
	asm volatile("" ::: "memory");
}

noinline notrace void peer_direct_count(void)
{
	peer_direct_hits++;
}

PEER_TRAMP(peer_tramp_empty, peer_direct_empty);
PEER_TRAMP(peer_tramp_count, peer_direct_count);

static int direct_up(unsigned long tramp)
{
	int err;

	memset(&direct_ops, 0, sizeof(direct_ops));
	err = ftrace_set_filter_ip(&direct_ops, (unsigned long)tracee_relevant, 0, 0);
	if (!err)
		err = register_ftrace_direct(&direct_ops, tramp);
	if (err)
		ftrace_free_filter(&direct_ops);
	return err;
}

static void direct_down(unsigned long tramp)
{
	unregister_ftrace_direct(&direct_ops, tramp, true);
}

static void case_direct(const char *name, unsigned int nops, unsigned int nirr,
			unsigned int n, unsigned int reps)
{
	int err;

	peer_direct_hits = hits_rel = 0;
	err = direct_up((unsigned long)peer_tramp_count);
	if (err) {
		pr_info("PEER skip %s err=%d\n", name, err);
		return;
	}
	err = ops_up(rel_ops, nops, tracee_relevant, cb_count, &hits_rel, 0);
	if (err) {
		pr_info("PEER skip %s ops err=%d\n", name, err);
		direct_down((unsigned long)peer_tramp_count);
		return;
	}
	call_both(CHECK_CALLS);
	ops_down(rel_ops, nops);
	direct_down((unsigned long)peer_tramp_count);
	pr_info("PEER check %s direct=%lu/%u ops=%lu/%u %s\n", name,
		peer_direct_hits, CHECK_CALLS, hits_rel, CHECK_CALLS * nops,
		peer_direct_hits == CHECK_CALLS && hits_rel == CHECK_CALLS * nops ?
		"ok" : "WRONG");

	/* What is timed does nothing, so that only ftrace's own cost is measured. */
	if (direct_up((unsigned long)peer_tramp_empty))
		return;
	if (!ops_up(rel_ops, nops, tracee_relevant, cb_empty, &hits_rel, 0)) {
		if (!ops_up(irr_ops, nirr, tracee_irrelevant, cb_empty, &hits_irr, 0)) {
			run_loop(name, time_relevant, n, reps);
			ops_down(irr_ops, nirr);
		}
		ops_down(rel_ops, nops);
	}
	direct_down((unsigned long)peer_tramp_empty);
}

/* The other order: an ops is there first, and then the direct call is added. */
static void check_ops_then_direct(void)
{
	int err;

	peer_direct_hits = hits_rel = 0;
	if (ops_up(rel_ops, 1, tracee_relevant, cb_count, &hits_rel, 0))
		return;
	err = direct_up((unsigned long)peer_tramp_count);
	call_both(CHECK_CALLS);
	if (!err)
		direct_down((unsigned long)peer_tramp_count);
	ops_down(rel_ops, 1);
	pr_info("PEER check ops_then_direct err=%d direct=%lu/%u ops=%lu/%u %s\n", err,
		peer_direct_hits, CHECK_CALLS, hits_rel, CHECK_CALLS,
		peer_direct_hits == CHECK_CALLS && hits_rel == CHECK_CALLS ?
		"ok" : "WRONG");
}
#else
static void case_direct(const char *name, unsigned int nops, unsigned int nirr,
			unsigned int n, unsigned int reps)
{
	pr_info("PEER skip %s not configured on this architecture\n", name);
}
static void check_ops_then_direct(void) { }
#endif

/* ---------------------------------------------------------------- cases */

/*
 * Times a call of the traced function with @nrel ops attached to it, and @nirr to another one. What
 * is timed does nothing, so before that counting callbacks show that each ops is called, once for
 * each call of its own function and never for the other.
 */
static void case_ops(const char *name, struct ftrace_ops *ro,
		     unsigned int nrel, unsigned int nirr, unsigned long flags,
		     unsigned int n, unsigned int reps)
{
	int err;

	hits_rel = hits_irr = 0;
	err = ops_up(ro, nrel, tracee_relevant, cb_count, &hits_rel, flags);
	if (err) {
		pr_info("PEER skip %s err=%d\n", name, err);
		return;
	}
	err = ops_up(irr_ops, nirr, tracee_irrelevant, cb_count, &hits_irr, 0);
	if (err) {
		pr_info("PEER skip %s irrelevant err=%d\n", name, err);
		ops_down(ro, nrel);
		return;
	}
	call_both(CHECK_CALLS);
	ops_down(irr_ops, nirr);
	ops_down(ro, nrel);
	pr_info("PEER check %s relevant=%lu/%u irrelevant=%lu/%u %s\n", name,
		hits_rel, CHECK_CALLS * nrel, hits_irr, CHECK_CALLS * nirr,
		hits_rel == CHECK_CALLS * nrel && hits_irr == CHECK_CALLS * nirr ?
		"ok" : "WRONG");

	/* Registered anew, because an ops' function cannot change while it is attached. */
	if (ops_up(ro, nrel, tracee_relevant, cb_empty, &hits_rel, flags))
		return;
	if (!ops_up(irr_ops, nirr, tracee_irrelevant, cb_empty, &hits_irr, 0)) {
		run_loop(name, time_relevant, n, reps);
		ops_down(irr_ops, nirr);
	}
	ops_down(ro, nrel);
}

static void case_all(const char *name, unsigned int nops, unsigned int n,
		     unsigned int reps)
{
	if (ops_up(rel_ops, nops, NULL, cb_empty, &hits_rel, 0))
		return;
	run_loop(name, time_relevant, n, reps);
	ops_down(rel_ops, nops);
}

static u64 idle_us(void)
{
	return get_cpu_idle_time_us(0, NULL);
}

/*
 * Measures what it costs to attach one ops to one function, and to detach it. Linux sleeps while it
 * waits for other tasks, and the clock goes on: the idle time and the instructions retired are
 * printed too, so that the reader can take the sleep out of the ticks.
 */
static void case_attach(unsigned int reps)
{
	u64 t0, t1, i0, i1, r0, r1;
	unsigned int r;

	for (r = 0; r < reps; r++) {
		memset(&rel_ops[0], 0, sizeof(rel_ops[0]));
		rel_ops[0].func = cb_empty;
		ftrace_set_filter_ip(&rel_ops[0], (unsigned long)tracee_relevant, 0, 0);
		/* The clock is read last before and first after, so that it counts least else. */
		i0 = idle_us(); r0 = retired(); t0 = clk();
		register_ftrace_function(&rel_ops[0]);
		t1 = clk(); r1 = retired(); i1 = idle_us();
		pr_info("PEER res attach_1fn n=1 rep=%u ticks=%llu idle_us=%llu retired=%llu\n",
			r, t1 - t0, i1 - i0, r1 - r0);
		i0 = idle_us(); r0 = retired(); t0 = clk();
		unregister_ftrace_function(&rel_ops[0]);
		t1 = clk(); r1 = retired(); i1 = idle_us();
		pr_info("PEER res detach_1fn n=1 rep=%u ticks=%llu idle_us=%llu retired=%llu\n",
			r, t1 - t0, i1 - i0, r1 - r0);
		ftrace_free_filter(&rel_ops[0]);
	}
}

static void all_ops(unsigned int n, unsigned int reps)
{
	struct ftrace_ops *dyn;

	run_loop("loop_only", time_nothing, n, reps);
	run_loop("call_no_site", time_no_site, n, reps);
	run_loop("nop_site", time_relevant, n, reps);

	case_ops("ops_1", rel_ops, 1, 0, 0, n, reps);
	case_ops("ops_2", rel_ops, 2, 0, 0, n, reps);
	case_ops("ops_10", rel_ops, 10, 0, 0, n, reps);
	case_ops("ops_100", rel_ops, 100, 0, 0, n, reps);

	case_ops("ops_0_irrelevant_1", rel_ops, 0, 1, 0, n, reps);
	case_ops("ops_0_irrelevant_10", rel_ops, 0, 10, 0, n, reps);
	case_ops("ops_0_irrelevant_100", rel_ops, 0, 100, 0, n, reps);
	case_ops("ops_1_irrelevant_1", rel_ops, 1, 1, 0, n, reps);
	case_ops("ops_1_irrelevant_10", rel_ops, 1, 10, 0, n, reps);
	case_ops("ops_1_irrelevant_100", rel_ops, 1, 100, 0, n, reps);

	case_ops("ops_1_regs", rel_ops, 1, 0, FTRACE_OPS_FL_SAVE_REGS, n, reps);
	case_ops("ops_1_regs_if_supported", rel_ops, 1, 0,
		 FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED, n, reps);
	case_ops("ops_1_recursion", rel_ops, 1, 0, FTRACE_OPS_FL_RECURSION, n, reps);
	case_ops("ops_1_rcu", rel_ops, 1, 0, FTRACE_OPS_FL_RCU, n, reps);

	/* Again one ops, but in allocated memory as the ops of a module is. */
	dyn = kcalloc(2, sizeof(*dyn), GFP_KERNEL);
	if (dyn) {
		case_ops("ops_1_dynamic", dyn, 1, 0, 0, n, reps);
		case_ops("ops_2_dynamic", dyn, 2, 0, 0, n, reps);
		kfree(dyn);
	}

	/* Several ops on the function, while others are attached elsewhere. */
	case_ops("ops_2_irrelevant_10", rel_ops, 2, 10, 0, n, reps);
	case_ops("ops_2_irrelevant_100", rel_ops, 2, 100, 0, n, reps);

	/* Without any filter the ops see every function of the kernel. */
	case_all("ops_1_on_every_function", 1, n, reps);
	case_all("ops_2_on_every_function", 2, n, reps);

	case_direct("direct", 0, 0, n, reps);
	case_direct("direct_irrelevant_10", 0, 10, n, reps);
	case_direct("direct_plus_ops_1", 1, 0, n, reps);
	check_ops_then_direct();

	case_attach(3);
	run_loop("nop_site_again", time_relevant, n, reps);
}

/* ------------------------------------------------------ trace_printk cost */

static const char bfmt[] = "peer event %d\n";
static const char bstr[] = "peer event\n";

static noinline notrace u64 time_bprintk(unsigned int n)
{
	return TIMED(__trace_bprintk(_THIS_IP_, bfmt, __i), n);
}

static noinline notrace u64 time_bputs(unsigned int n)
{
	return TIMED(__trace_bputs(_THIS_IP_, bstr), n);
}

/* ----------------------------------------------------------- boot marks */

static u64 mark_param, mark_pure, mark_late;

static int __init mark_early_param(char *s)
{
	clk_setup();
#ifdef CONFIG_X86
	mark_param = clk();
#else
	mark_param = cnt_now();
#endif
	return 0;
}
early_param("peermark", mark_early_param);

static int __init mark_pure_fn(void)
{
#ifdef CONFIG_X86
	mark_pure = clk();
#else
	mark_pure = cnt_now();
#endif
	return 0;
}
pure_initcall(mark_pure_fn);

/* -------------------------------------------------------------- control */

/*
 * Runs the one command that was written; they are listed at the top. A word that is none is
 * refused, so that init.c notices a case that would otherwise be missing from the results.
 */
static ssize_t ctl_write(struct file *f, const char __user *u, size_t len,
			 loff_t *off)
{
	char buf[96], name[64];
	unsigned int n = 0, r = 0;
	size_t m = min(len, sizeof(buf) - 1);

	if (copy_from_user(buf, u, m))
		return -EFAULT;
	buf[m] = 0;
	/* Each number must be there: a case that ran zero times would look very cheap. */
	if (!strncmp(buf, "calib", 5))
		calib();
	else if (sscanf(buf, "ops %u %u", &n, &r) == 2)
		all_ops(n, r);
	else if (sscanf(buf, "run %63s %u %u", name, &n, &r) == 3)
		run_loop(name, time_relevant, n, r);
	else if (sscanf(buf, "runirr %63s %u %u", name, &n, &r) == 3)
		run_loop(name, time_irrelevant, n, r);
	else if (sscanf(buf, "printk %u %u", &n, &r) == 2) {
		trace_printk_init_buffers();
		run_loop("trace_bprintk", time_bprintk, n, r);
		run_loop("trace_bputs", time_bputs, n, r);
	} else if (!strncmp(buf, "marks", 5))
		pr_info("PEER marks early_param=%llu pure_initcall=%llu late_initcall=%llu\n",
			mark_param, mark_pure, mark_late);
	else
		return -EINVAL;
	return len;
}

static ssize_t ctl_read(struct file *f, char __user *u, size_t len, loff_t *off)
{
	char buf[80];
	int n = scnprintf(buf, sizeof(buf), "%llu %llu %llu\n", clk(), idle_us(),
			  retired());

	if (len < n)
		return -EINVAL;
	return copy_to_user(u, buf, n) ? -EFAULT : n;
}

static const struct proc_ops ctl_ops = {
	.proc_read = ctl_read,
	.proc_write = ctl_write,
	.proc_lseek = noop_llseek,
};

static int __init peerbench_init(void)
{
#ifdef CONFIG_X86
	mark_late = clk();
#else
	mark_late = cnt_now();
#endif
	proc_create("peerbench", 0600, NULL, &ctl_ops);
	pr_info("PEER bench ready, clock " CLK_NAME
		", sizeof(dyn_ftrace)=%zu sizeof(ftrace_ops)=%zu\n",
		sizeof(struct dyn_ftrace), sizeof(struct ftrace_ops));
	return 0;
}
late_initcall_sync(peerbench_init);
