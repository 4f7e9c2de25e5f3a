/* SPDX-License-Identifier: MIT */
/*
 * The half of the probe bench that compares: the bytes and the record of the site, which callbacks
 * and direct functions ran with what, and every register on the way in and out, each with the
 * model. The first difference is reported in words.
 */
#include "kernel/kallsyms.h"
#include "kernel/trace_hooks.h"
#include "tests/guest/ktest/probe.h"
#include "trace/arch.h"
#include "trace/core/site_info.h"

#define FAIL(t, step, fmt, args...) \
	({ ktest_fail(t, __FILE__, __LINE__, "%s: " fmt, step, ##args); false; })

static bool wants_regs(const struct probe_model *m)
{
	return FTRACE_HAVE_SAVE_REGS &&
	       (probe_attached(m, PROBE_R1) || probe_attached(m, PROBE_R2));
}

static bool is_island(unsigned long direct)
{
	return direct && (direct == probe_islands[0] || direct == probe_islands[1]);
}

/* Returns the direct function that runs if @direct is attached. */
static unsigned long lands_at(unsigned long direct)
{
	if (!is_island(direct))
		return direct;
	return direct == probe_islands[0] ? PROBE_A : PROBE_B;
}

/*
 * Returns where the call goes on as the @n-th callback sees it; as the direct function does, for
 * m->nr.
 */
static unsigned long resume_address(const struct probe_model *m, unsigned int n)
{
	while (n--)
		if (m->order[m->nr - 1 - n] == PROBE_I)
			return (unsigned long)probe_replacement;
	return ftrace_location((unsigned long)probe_target) + FTRACE_INSN_SIZE;
}

/* Returns what is where the function has its return address while its body runs. */
static unsigned long return_address(const struct probe_model *m)
{
	return probe_nr_users(m) ? (unsigned long)return_to_handler :
		(unsigned long)probe_return_site;
}

/* A callback may be called before or after a graph user hides the return address. */
static bool is_parent(const struct probe_model *m, unsigned long parent_ip)
{
	return parent_ip == (unsigned long)probe_return_site || parent_ip == return_address(m);
}

/* Checks what is at the site: a NOP, or a call of the direct function itself or of a trampoline. */
static bool check_bytes(struct ktest *t, const struct probe_model *m, const char *step)
{
	unsigned long ip = ftrace_location((unsigned long)probe_target), target;
	struct ftrace_form form;

	if (arch_ftrace_read(ip, &form))
		return FAIL(t, step, "site unreadable");
	target = arch_ftrace_call_target(ip, &form);
	if (m->off || (!m->nr && !m->direct)) {
		if (!probe_site_is_nop((unsigned long)probe_target))
			return FAIL(t, step, "site is not a NOP but %llx, literal %lx",
				    (unsigned long long)form.insn, form.literal);
	} else if (!m->nr && !is_island(m->direct)) {
		if (target != m->direct)
			return FAIL(t, step, "site calls %pS, not its only direct function",
				    (void *)target);
	} else if (!ftrace_is_trampoline(target)) {
		return FAIL(t, step, "site calls %pS (%llx), no trampoline", (void *)target,
			    (unsigned long long)form.insn);
	}
	return true;
}

static bool check_record(struct ktest *t, const struct probe_model *m, const char *step)
{
	unsigned long function = (unsigned long)probe_target;
	struct ftrace_site_info info;

	if (!probe_site_info(function, &info))
		return FAIL(t, step, "the site has no record");
	if (info.nr_ops != m->nr + !!m->direct)
		return FAIL(t, step, "reference count %u, expected %u", info.nr_ops,
			    m->nr + !!m->direct);
	if (info.enabled != (info.nr_ops > 0 && !m->off))
		return FAIL(t, step, "enabled = %d", info.enabled);
	if (info.regs != wants_regs(m))
		return FAIL(t, step, "regs = %d", info.regs);
	if (info.ipmodify != probe_attached(m, PROBE_I))
		return FAIL(t, step, "ipmodify = %d", info.ipmodify);
	if (info.enabled && !info.touched)
		return FAIL(t, step, "touched is not set");
	if (info.enabled && (info.direct || info.ipmodify) && !info.modified)
		return FAIL(t, step, "modified is not set");
	if (info.direct != !!m->direct || info.direct_call != m->direct)
		return FAIL(t, step, "record says direct %pS, expected %pS",
			    (void *)info.direct_call, (void *)m->direct);
	if (ftrace_find_rec_direct(info.ip) != m->direct)
		return FAIL(t, step, "ftrace_find_rec_direct() differs");
	return true;
}

static bool check_callback(struct ktest *t, const struct probe_model *m, const char *step,
			   unsigned int n)
{
	const struct probe_event *event = &probe_events[n];
	struct ftrace_ops *op = probe_op(m->order[m->nr - 1 - n]);
	unsigned long resume = resume_address(m, n);
	unsigned long ip = ftrace_location((unsigned long)probe_target);

	if (event->op != op || event->returns)
		return FAIL(t, step, "callback %u is not that of %s", n,
			    probe_op_names[m->order[m->nr - 1 - n]]);
	if (event->null_fregs == FTRACE_HAVE_ARGS)
		return FAIL(t, step, "fregs is %s", event->null_fregs ? "NULL" : "not NULL");
	if (event->ip != ip)
		return FAIL(t, step, "ip %lx, expected %lx", event->ip, ip);
	if (!is_parent(m, event->parent_ip))
		return FAIL(t, step, "parent_ip %pS", (void *)event->parent_ip);
	if (event->true_parent != (unsigned long)probe_return_site)
		return FAIL(t, step, "the true parent is %pS", (void *)event->true_parent);
	/* Without a struct ftrace_regs there is nothing more to see. */
	if (!FTRACE_HAVE_ARGS)
		return true;
	if (event->resume != resume)
		return FAIL(t, step, "resume address %pS", (void *)event->resume);
	if (event->sp != probe_in[PROBE_SP] - PROBE_CALL_SIZE)
		return FAIL(t, step, "stack pointer %lx, expected %lx", event->sp,
			    probe_in[PROBE_SP] - PROBE_CALL_SIZE);
	if (event->frame != probe_in[PROBE_FRAME])
		return FAIL(t, step, "frame pointer %lx", event->frame);
	for (n = 0; n < PROBE_NR_ARGS; n++)
		if (event->args[n] != probe_in[probe_arg_word(n)])
			return FAIL(t, step, "argument %u is %lx, expected %lx", n, event->args[n],
				    probe_in[probe_arg_word(n)]);
	if (!(op->flags & FTRACE_OPS_FL_SAVE_REGS))
		return true;
	for (n = 0; n < PROBE_NR_GPRS; n++)
		if (event->saved[n] != probe_in[n])
			return FAIL(t, step, "callback sees %s = %lx, expected %lx",
				    probe_word_name(n), event->saved[n], probe_in[n]);
	if ((event->saved[PROBE_FLAGS] ^ probe_in[PROBE_FLAGS]) & PROBE_FLAGS_MASK)
		return FAIL(t, step, "callback sees flags %lx", event->saved[PROBE_FLAGS]);
	return true;
}

static bool check_direct(struct ktest *t, const struct probe_model *m, const char *step,
			 const struct probe_event *event)
{
	unsigned int n;

	if (event->direct != lands_at(m->direct))
		return FAIL(t, step, "direct function %pS ran, expected %pS",
			    (void *)event->direct, (void *)lands_at(m->direct));
	if (event->resume != resume_address(m, m->nr))
		return FAIL(t, step, "direct function resumes at %pS", (void *)event->resume);
	if (event->parent_ip != return_address(m))
		return FAIL(t, step, "direct function's parent is %pS", (void *)event->parent_ip);
	if (event->sp != probe_in[PROBE_SP] - 2 * PROBE_CALL_SIZE)
		return FAIL(t, step, "direct function's stack pointer is off by %ld",
			    (long)(event->sp - probe_in[PROBE_SP] + 2 * PROBE_CALL_SIZE));
	for (n = 0; n < PROBE_NR_GPRS; n++)
		if (event->saved[n] != probe_in[n])
			return FAIL(t, step, "direct function gets %s = %lx, expected %lx",
				    probe_word_name(n), event->saved[n], probe_in[n]);
	if (wants_regs(m) && (event->saved[PROBE_FLAGS] ^ probe_in[PROBE_FLAGS]) & PROBE_FLAGS_MASK)
		return FAIL(t, step, "direct function gets flags %lx", event->saved[PROBE_FLAGS]);
	return true;
}

/* Each graph user is told of the return, in the order of their numbers, and of the result. */
static bool check_returns(struct ktest *t, const struct probe_model *m, const char *step)
{
	const struct probe_event *event = &probe_events[m->nr + !!m->direct];
	unsigned int nr = probe_nr_users(m), n;
	int before = -1;

	for (n = 0; n < nr; n++, event++) {
		const struct fgraph_ops *gops = container_of(event->op, struct fgraph_ops, ops);

		if (!event->returns || event->ip != ftrace_location((unsigned long)probe_target))
			return FAIL(t, step, "a return is not told of");
		if (gops->idx <= before)
			return FAIL(t, step, "the graph's user %d is told after %d", gops->idx,
				    before);
		if (event->true_parent != (unsigned long)probe_return_site)
			return FAIL(t, step, "it returns to %pS", (void *)event->true_parent);
		if (event->result != probe_result[0])
			return FAIL(t, step, "the result is %lx, expected %lx", event->result,
				    probe_result[0]);
		before = gops->idx;
	}
	return true;
}

/*
 * The callbacks must have run, the latest registered first, then the direct function, each exactly
 * once, and behind the function the graph's users.
 */
static bool check_events(struct ktest *t, const struct probe_model *m, const char *step)
{
	unsigned int n;

	if (probe_nr_events != m->nr + !!m->direct + probe_nr_users(m))
		return FAIL(t, step, "%u runs (%s), expected %u callbacks and %d direct function",
			    probe_nr_events,
			    probe_nr_events && probe_events[probe_nr_events - 1].direct ?
			    "last one direct" : "no direct last", m->nr, !!m->direct);
	for (n = 0; n < m->nr; n++)
		if (!check_callback(t, m, step, n))
			return false;
	return (!m->direct || check_direct(t, m, step, &probe_events[m->nr])) &&
	       check_returns(t, m, step);
}

/* The traced function's body must find everything as its caller left it. */
static bool check_body(struct ktest *t, const struct probe_model *m, const char *step)
{
	bool replaced = probe_attached(m, PROBE_I);
	unsigned int n;

	if (probe_bodies != !replaced || probe_replaced != replaced)
		return FAIL(t, step, "the function's body ran %lu times, its replacement %lu",
			    probe_bodies, probe_replaced);
	for (n = 0; n < PROBE_NR_GPRS; n++)
		if (probe_body[n] != probe_in[n])
			return FAIL(t, step, "the body gets %s = %lx, expected %lx",
				    probe_word_name(n), probe_body[n], probe_in[n]);
	if (probe_body[PROBE_SP] != probe_in[PROBE_SP] - PROBE_CALL_SIZE)
		return FAIL(t, step, "the body's stack pointer is off by %ld",
			    (long)(probe_body[PROBE_SP] - probe_in[PROBE_SP] + PROBE_CALL_SIZE));
	if (probe_body[PROBE_RET] != return_address(m))
		return FAIL(t, step, "the body's return address is %pS",
			    (void *)probe_body[PROBE_RET]);
	for (n = 0; n < PROBE_NR_STACK; n++)
		if (probe_body[PROBE_STACK + n] != probe_in[PROBE_STACK + n])
			return FAIL(t, step, "the body gets %s = %lx",
				    probe_word_name(PROBE_STACK + n), probe_body[PROBE_STACK + n]);
	if (wants_regs(m) && (probe_body[PROBE_FLAGS] ^ probe_in[PROBE_FLAGS]) & PROBE_FLAGS_MASK)
		return FAIL(t, step, "the body gets flags %lx, expected %lx",
			    probe_body[PROBE_FLAGS], probe_in[PROBE_FLAGS]);
	return true;
}

/* The return trampoline keeps what callers count on; without it nothing else changes either. */
static bool check_return(struct ktest *t, const struct probe_model *m, const char *step)
{
	unsigned int n;

	for (n = 0; n < PROBE_NR_GPRS; n++) {
		unsigned long expected = n < PROBE_NR_RESULTS ? probe_result[n] : probe_in[n];

		if (probe_nr_users(m) && n >= PROBE_NR_RESULTS && n < PROBE_FIRST_KEPT)
			continue;
		if (probe_out[n] != expected)
			return FAIL(t, step, "the caller gets back %s = %lx, expected %lx",
				    probe_word_name(n), probe_out[n], expected);
	}
	if (probe_out[PROBE_SP] != probe_in[PROBE_SP])
		return FAIL(t, step, "the caller's stack pointer is off by %ld",
			    (long)(probe_out[PROBE_SP] - probe_in[PROBE_SP]));
	return true;
}

bool probe_check_site(struct ktest *t, const struct probe_model *m, const char *step)
{
	return check_bytes(t, m, step) && check_record(t, m, step);
}

bool probe_check_run(struct ktest *t, const struct probe_model *m, const char *step)
{
	static const struct probe_model nothing;

	if (m->off)
		m = &nothing;
	return check_events(t, m, step) && check_body(t, m, step) && check_return(t, m, step);
}

bool probe_check(struct ktest *t, const struct probe_model *m, const char *step)
{
	if (!probe_check_site(t, m, step))
		return false;
	probe_run();
	return probe_check_run(t, m, step);
}
