/* SPDX-License-Identifier: MIT */
/*
 * A module for the kernel's own tests (tests/guest/ktest/module_files.c), compiled outside the tree
 * like any client. It has functions to trace, a static one among them, data, parameters, and an
 * init that can fail.
 */
#include <linux/ftrace.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/tracepoint.h>
#include "tests/guest/ktest/kt_events.h"
#include "tests/guest/ktest/long_names.h"
#include "tests/guest/ktest/targets.h"

static int value = 3;
module_param(value, int, 0444);
static int fail;
module_param(fail, int, 0444);
static bool leave;			/* leave an ops registered at exit */
module_param(leave, bool, 0444);
static bool leave_graph;		/* leave a user of the function graph */
module_param(leave_graph, bool, 0444);
static bool leave_probe;		/* leave a probe of a tracepoint */
module_param(leave_probe, bool, 0444);
static char *word = "none";
module_param(word, charp, 0444);

static int zeroes[2000];
static int (*volatile pointer)(int n);

static noinline int ktest_module_static(int n)
{
	barrier();
	return n * 2;
}

noinline int ktest_module_work(int n)
{
	zeroes[n]++;
	return pointer(n) + zeroes[n];
}

void notrace ktest_module_callback(unsigned long ip, unsigned long parent_ip,
				   struct ftrace_ops *op, struct ftrace_regs *fregs)
{
}

static struct ftrace_ops ops = { .func = ktest_module_callback };

static int notrace ktest_module_entry(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
				      struct ftrace_regs *fregs)
{
	return 1;
}

static struct fgraph_ops graph = { .entryfunc = ktest_module_entry };

/* For ops of the tests that depend on this module. */
int notrace ktest_module_agrees(struct ftrace_ops *op, enum ftrace_ops_cmd cmd)
{
	return 0;
}

/* A tracepoint of the kernel whose site is in this module. */
void notrace ktest_module_hit(unsigned int turn)
{
	trace_kt_count(turn);
}

static void notrace ktest_module_probe(void *data, unsigned int turn)
{
	zeroes[0]++;
}

/* For threads that the tests create. */
int notrace ktest_module_thread(void *data)
{
	return 7;
}

/* The names of these functions are as long as a name may be. */
int long_a(int n) __asm__(LONG_NAME("modul", "_a"));
int long_b(int n) __asm__(LONG_NAME("modul", "_b"));

noinline int long_a(int n)
{
	barrier();
	return n + 1;
}

noinline int long_b(int n)
{
	barrier();
	return n + 2;
}

struct ftrace_ops_hash *notrace ktest_module_filters(void)
{
	static struct ftrace_ops_hash filters;

	return &filters;
}

static DEFINE_SPINLOCK(lock);

/* Functions that are inlined here mask interrupts as in the kernel. */
static bool masks_interrupts(void)
{
	unsigned long flags;
	bool off;

	spin_lock_irqsave(&lock, flags);
	off = kt_irqs_are_off();
	spin_unlock_irqrestore(&lock, flags);
	return off && !kt_irqs_are_off();
}

static int __init ktest_module_init(void)
{
	int err = 0;

	if (!masks_interrupts())
		return -EIO;
	pointer = ktest_module_static;
	trace_printk("%s: %d\n", word, ktest_module_work(value));
	if (leave) {
		err = ftrace_set_filter_ip(&ops, (unsigned long)ktest_module_work, 0, 0);
		if (!err)
			err = register_ftrace_function(&ops);
	}
	if (leave_graph && !err) {
		err = ftrace_set_filter_ip(&graph.ops, (unsigned long)kt_outer, 0, 0);
		if (!err)
			err = register_ftrace_graph(&graph);
	}
	if (leave_probe && !err)
		err = register_trace_kt_count(ktest_module_probe, NULL);
	return err ? err : fail;
}

static void __exit ktest_module_exit(void)
{
	ktest_module_work(1);
}

module_init(ktest_module_init);
module_exit(ktest_module_exit);

MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("What the kernel's tests load");
