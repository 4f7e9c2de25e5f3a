/* SPDX-License-Identifier: MIT */
/*
 * The soak test's changers: threads that attach, detach and move callbacks of all kinds, a direct
 * call, and a callback that is attached to all functions or to others; and one that sends
 * interrupts and NMIs. The seed decides what happens and when; each thread draws a sequence of its
 * own.
 */
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/nmi.h"
#include "kernel/sched/sched.h"
#include "kernel/smp.h"
#include "tests/guest/ktest/soak.h"
#include "tests/guest/ktest/targets.h"
#include "trace/tracers/fgraph.h"

#define NR_HOOK_CHANGERS 2

struct hook {
	struct ftrace_ops *ops;		/* NULL: it does not exist now */
	struct soak_ledger ledger;
	struct soak_ledger returns;	/* of a graph user */
};

struct changer {
	void (*change)(struct changer *c);
	struct task_struct *task;
	unsigned int number;
	u32 random_state;
	struct soak_stats stats;
};

/* Each changer has one of each kind. All are allocated, and freed once they are detached. */
static const struct {
	const char *name;
	unsigned int flags;
} kinds[SOAK_HOOKS] = {
	{ "plain 1", 0 }, { "plain 2", 0 },
	{ "plain 3", 0 }, { "plain 4", 0 },
	{ "regs 1", FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED },
	{ "regs 2", FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED },
	{ "recursion 1", FTRACE_OPS_FL_RECURSION }, { "recursion 2", FTRACE_OPS_FL_RECURSION },
	{ "graph 1", 0 }, { "graph 2", 0 },
};
#define FIRST_USER (SOAK_HOOKS - 2)	/* from here on they are users of the function graph */
static struct hook hooks[SOAK_HOOKS];
static struct soak_ledger direct_ledger, direct_ledgers[2];
static unsigned long recursion_site;

static u32 random(struct changer *c, u32 below)
{
	c->random_state = c->random_state * 1664525u + 1013904223u;
	return (c->random_state >> 8) % below;
}

/* Returns nothing half of the time, otherwise any of the functions. */
static unsigned int random_mask(struct changer *c)
{
	unsigned int mask = random(c, 2 * (SOAK_ALL + 1));

	return mask <= SOAK_ALL ? mask : 0;
}

static void expect(int err, const char *what)
{
	if (err)
		soak_fail("%s: %s", what, errno_string(err));
}

static void count_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			   struct ftrace_regs *fregs)
{
	soak_hit(op->private, ip);
}

/* Calls the functions that it is attached to, and must not be called for that. */
static void recursion_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			       struct ftrace_regs *fregs)
{
	soak_hit(op->private, ip);
	if (kt_difference(9, 4) != 5)
		soak_fail("the result of a callback's call was wrong");
}

static int count_entry(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
		       struct ftrace_regs *fregs)
{
	struct hook *hook = gops->private;

	soak_hit(&hook->ledger, trace->func);
	return 1;
}

static void count_return(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
			 struct ftrace_regs *fregs)
{
	struct hook *hook = gops->private;

	soak_hit(&hook->returns, trace->func);
}

static int late_entry(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
		      struct ftrace_regs *fregs)
{
	soak_fail("a graph user was told of an entry after it was detached");
	return 0;
}

static void late_return(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
			struct ftrace_regs *fregs)
{
	soak_fail("a graph user was told of a return after it was detached");
}

/* Put into an ops that was freed: a thread that still runs it comes here. */
static void late_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			  struct ftrace_regs *fregs)
{
	soak_fail("a callback ran after it was detached");
}

static int set_filter(struct ftrace_ops *ops, unsigned int mask)
{
	unsigned long ips[SOAK_FUNCTIONS + 1];
	unsigned int f, nr = 0;

	for (f = 0; f < SOAK_FUNCTIONS; f++)
		if (mask >> f & 1)
			ips[nr++] = soak_sites[f];
	if (ops->flags & FTRACE_OPS_FL_RECURSION)
		ips[nr++] = recursion_site;
	return ftrace_set_filter_ips(ops, ips, nr, 0, 1);
}

static void attach_user(struct hook *hook, unsigned int mask)
{
	struct fgraph_ops *gops = kzalloc(sizeof(*gops), GFP_KERNEL);

	if (!gops) {
		soak_fail("out of memory");
		return;
	}
	gops->entryfunc = count_entry;
	gops->retfunc = count_return;
	gops->private = hook;
	hook->ops = &gops->ops;
	expect(set_filter(hook->ops, mask), "filter");
	expect(register_ftrace_graph(gops), "register_ftrace_graph");
}

static void detach_user(struct hook *hook)
{
	struct fgraph_ops *gops = container_of(hook->ops, struct fgraph_ops, ops);

	expect(unregister_ftrace_graph(gops), "unregister_ftrace_graph");
	ftrace_free_filter(&gops->ops);
	gops->entryfunc = late_entry;
	gops->retfunc = late_return;
	hook->ops = NULL;
	kfree(gops);
}

static void attach(struct hook *hook, unsigned int mask)
{
	unsigned int flags = kinds[hook - hooks].flags;
	struct ftrace_ops *ops = kzalloc(sizeof(*ops), GFP_KERNEL);

	if (!ops) {
		soak_fail("out of memory");
		return;
	}
	ops->func = flags & FTRACE_OPS_FL_RECURSION ? recursion_callback : count_callback;
	ops->flags = flags;
	ops->private = &hook->ledger;
	hook->ops = ops;
	expect(set_filter(ops, mask), "filter");
	expect(register_ftrace_function(ops), "register");
}

static void detach(struct hook *hook)
{
	struct ftrace_ops *ops = hook->ops;

	expect(unregister_ftrace_function(ops), "unregister");
	ftrace_free_filter(ops);
	ops->func = late_callback;
	ops->assist.func = late_callback;
	hook->ops = NULL;
	kfree(ops);
}

/*
 * A graph user comes and goes with all of its functions: it is told of the return of calls that
 * began before its filter changed, and those are not in any ledger. It comes if it is not there.
 */
static void move_user(struct changer *c, struct hook *hook, unsigned int mask)
{
	unsigned int was = hook->ledger.open, opening = was ? 0 : mask ? mask : SOAK_ALL;

	soak_ledger_begin(&hook->returns, opening, was);
	soak_ledger_begin(&hook->ledger, opening, was);
	if (was) {
		detach_user(hook);
		c->stats.detached++;
	} else {
		attach_user(hook, opening);
		c->stats.attached++;
	}
	soak_ledger_end(&hook->ledger, opening, was);
	soak_ledger_end(&hook->returns, opening, was);
}

static void move_hook(struct changer *c, struct hook *hook, unsigned int mask)
{
	unsigned int was = hook->ledger.open, opening = mask & ~was, closing = was & ~mask;

	if (hook >= &hooks[FIRST_USER]) {
		move_user(c, hook, mask);
		return;
	}
	soak_ledger_begin(&hook->ledger, opening, closing);
	if (!was && mask) {
		attach(hook, mask);
		c->stats.attached++;
	} else if (was && !mask) {
		detach(hook);
		c->stats.detached++;
	} else if (was != mask) {
		expect(set_filter(hook->ops, mask), "change of filter");
		c->stats.filtered++;
	}
	soak_ledger_end(&hook->ledger, opening, closing);
}

static void change_hook(struct changer *c)
{
	unsigned int which =
		NR_HOOK_CHANGERS * random(c, SOAK_HOOKS / NR_HOOK_CHANGERS) + c->number;

	move_hook(c, &hooks[which], random_mask(c));
}

/* --- Direct calls --- */

static struct ftrace_ops direct_ops;
static unsigned int direct_which;	/* the one of the two that it calls */
static const unsigned long direct_addresses[2] = {
	(unsigned long)soak_direct_a, (unsigned long)soak_direct_b,
};

void soak_direct_hit(unsigned long resume, unsigned int which)
{
	soak_hit(&direct_ledger, resume - FTRACE_INSN_SIZE);
	soak_hit(&direct_ledgers[which], resume - FTRACE_INSN_SIZE);
}

static void attach_direct(struct changer *c, unsigned int mask)
{
	unsigned int which = direct_which = random(c, 2);

	soak_ledger_begin(&direct_ledger, mask, 0);
	soak_ledger_begin(&direct_ledgers[which], mask, 0);
	expect(set_filter(&direct_ops, mask), "direct filter");
	expect(register_ftrace_direct(&direct_ops, direct_addresses[which]),
	       "register_ftrace_direct");
	soak_ledger_end(&direct_ledgers[which], mask, 0);
	soak_ledger_end(&direct_ledger, mask, 0);
	c->stats.attached++;
}

static void detach_direct(struct changer *c)
{
	struct soak_ledger *one = &direct_ledgers[direct_which];
	unsigned int was = one->open;

	soak_ledger_begin(&direct_ledger, 0, was);
	soak_ledger_begin(one, 0, was);
	expect(unregister_ftrace_direct(&direct_ops, direct_addresses[direct_which], true),
	       "unregister_ftrace_direct");
	soak_ledger_end(one, 0, was);
	soak_ledger_end(&direct_ledger, 0, was);
	c->stats.detached++;
}

/* Each call goes to the one or to the other, so the ledger of both together sees no change. */
static void modify_direct(struct changer *c)
{
	struct soak_ledger *from = &direct_ledgers[direct_which];
	struct soak_ledger *to = &direct_ledgers[!direct_which];
	unsigned int mask = from->open;

	soak_ledger_begin(from, 0, mask);
	soak_ledger_begin(to, mask, 0);
	expect(modify_ftrace_direct(&direct_ops, direct_addresses[!direct_which]),
	       "modify_ftrace_direct");
	soak_ledger_end(to, mask, 0);
	soak_ledger_end(from, 0, mask);
	direct_which = !direct_which;
	c->stats.modified++;
}

static void change_direct(struct changer *c)
{
	if (!FTRACE_HAVE_ARGS)
		return;
	if (!direct_ledger.open)
		attach_direct(c, 1 + random(c, SOAK_ALL));
	else if (random(c, 3))
		modify_direct(c);
	else
		detach_direct(c);
}

/* --- All functions, or others --- */

static void idle_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			  struct ftrace_regs *fregs)
{
}
static struct ftrace_ops every = { .func = idle_callback };

static void every_off(void)
{
	if (every.flags & FTRACE_OPS_FL_ENABLED)
		expect(unregister_ftrace_function(&every), "unregister everywhere");
	ftrace_free_filter(&every);
}

static void change_everywhere(struct changer *c)
{
	static const char *const globs[] = { "kt_*", "*lock*", "s*", "a*", "*e*", "*_*" };
	const char *glob = globs[random(c, ARRAY_SIZE(globs))];

	c->stats.everywhere++;
	if (!(every.flags & FTRACE_OPS_FL_ENABLED))
		expect(register_ftrace_function(&every), "register everywhere");
	else if (random(c, 2))
		expect(ftrace_set_filter(&every, glob, (int)strlen(glob), 1), "change of glob");
	else
		every_off();
	msleep(1 + random(c, 10));
}

/* --- Interrupts --- */

static void call_in_nmi(struct pt_regs *regs)
{
	soak_call_in_interrupt(NULL);
}

static void interrupt(struct changer *c)
{
	unsigned int cpu;

	if (random(c, 2)) {
		smp_call_function(soak_call_in_interrupt, NULL);
		c->stats.interrupts++;
	}
	for_each_online_cpu(cpu) {
		if (random(c, 2))
			continue;
		nmi_send(cpu, NMI_HOOK);
		c->stats.nmis++;
	}
	msleep(1);
}

static struct changer changers[] = {
	{ .change = change_hook }, { .change = change_hook },	/* NR_HOOK_CHANGERS */
	{ .change = change_direct }, { .change = change_everywhere },
	{ .change = interrupt },
};
struct soak_stats soak_stats;
static unsigned int nr_started;

static int changer_thread(void *data)
{
	struct changer *c = data;

	while (!READ_ONCE(soak_over)) {
		c->change(c);
		if (!random(c, 4))
			msleep(1);
	}
	return 0;
}

bool soak_changers_start(u32 seed)
{
	unsigned int n;

	memset(&soak_stats, 0, sizeof(soak_stats));
	memset(hooks, 0, sizeof(hooks));
	for (n = 0; n < SOAK_HOOKS; n++) {
		hooks[n].ledger.name = kinds[n].name;
		hooks[n].returns.name = "returns to a graph user";
	}
	direct_ledger = (struct soak_ledger){ .name = "direct" };
	direct_ledgers[0] = (struct soak_ledger){ .name = "direct a" };
	direct_ledgers[1] = (struct soak_ledger){ .name = "direct b" };
	recursion_site = ftrace_location((unsigned long)kt_difference);
	nmi_set_hook(call_in_nmi);
	for (nr_started = 0; nr_started < ARRAY_SIZE(changers); nr_started++) {
		struct changer *c = &changers[nr_started];

		c->number = nr_started;
		c->random_state = seed + nr_started;
		memset(&c->stats, 0, sizeof(c->stats));
		c->task = kthread_create(changer_thread, c, "soak-change/%u", nr_started);
		if (IS_ERR(c->task))
			return false;
		/* Otherwise the callers would keep them from changing anything. */
		set_user_nice(c->task, -8);
		wake_up_process(c->task);
	}
	return true;
}

static void add_stats(const struct soak_stats *stats)
{
	const u64 *from = (const u64 *)stats;
	u64 *to = (u64 *)&soak_stats;
	unsigned int i;

	for (i = 0; i < sizeof(*stats) / sizeof(*to); i++)
		to[i] += from[i];
}

static void settle(struct soak_ledger *ledger)
{
	soak_ledger_check_quiet(ledger);
	soak_stats.accounted += ledger->accounted;
	soak_stats.overlaps += ledger->overlaps;
}

void soak_changers_stop(void)
{
	struct changer *last = &changers[0];
	unsigned int n;

	for (n = 0; n < nr_started; n++)
		kthread_join(changers[n].task);
	nmi_set_hook(NULL);
	for (n = 0; n < SOAK_HOOKS; n++) {
		if (hooks[n].ops)
			move_hook(last, &hooks[n], 0);
		settle(&hooks[n].ledger);
		if (n >= FIRST_USER)
			settle(&hooks[n].returns);
	}
	if (direct_ledger.open)
		detach_direct(last);
	settle(&direct_ledger);
	settle(&direct_ledgers[0]);
	settle(&direct_ledgers[1]);
	every_off();
	for (n = 0; n < nr_started; n++)
		add_stats(&changers[n].stats);
}
