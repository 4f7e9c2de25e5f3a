/* SPDX-License-Identifier: MIT */
/*
 * The half of the probe bench that makes changes: each step changes what is attached to
 * probe_target(), and the model with it, and then everything is checked.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "tests/guest/ktest/probe.h"

static bool done(struct ktest *t, const struct probe_model *m, const char *what, int arg, int ret)
{
	char step[80];
	unsigned int n;
	int len = scnprintf(step, sizeof(step), "%s %d, now [", what, arg);

	for (n = 0; n < m->nr; n++)
		len += scnprintf(step + len, sizeof(step) - len, "%s",
				 probe_op_names[m->order[n]]);
	scnprintf(step + len, sizeof(step) - len, "]%s",
		  m->direct == PROBE_A ? " + A" : m->direct == PROBE_B ? " + B" : "");
	if (ret) {
		ktest_fail(t, __FILE__, __LINE__, "%s: error %d", step, ret);
		return false;
	}
	return probe_check(t, m, step);
}

bool probe_attached(const struct probe_model *m, unsigned int op)
{
	unsigned int n;

	for (n = 0; n < m->nr; n++)
		if (m->order[n] == op)
			return true;
	return false;
}

unsigned int probe_nr_users(const struct probe_model *m)
{
	return probe_attached(m, PROBE_G1) + probe_attached(m, PROBE_G2);
}

bool probe_attach(struct ktest *t, struct probe_model *m, unsigned int op)
{
	int ret = probe_register(op);

	if (!ret)
		m->order[m->nr++] = op;
	return done(t, m, "attach", op, ret);
}

bool probe_detach(struct ktest *t, struct probe_model *m, unsigned int op)
{
	int ret = probe_unregister(op);
	unsigned int n = 0, to = 0;

	for (; n < m->nr; n++)
		if (ret || m->order[n] != op)
			m->order[to++] = m->order[n];
	m->nr = to;
	return done(t, m, "detach", op, ret);
}

bool probe_set_direct(struct ktest *t, struct probe_model *m, unsigned long addr)
{
	int ret = register_ftrace_direct(&probe_direct_ops, addr);

	if (!ret)
		m->direct = addr;
	return done(t, m, "direct on", addr == PROBE_B, ret);
}

bool probe_clear_direct(struct ktest *t, struct probe_model *m)
{
	int ret = unregister_ftrace_direct(&probe_direct_ops, m->direct, false);

	if (!ret)
		m->direct = 0;
	return done(t, m, "direct off", 0, ret);
}

bool probe_modify_direct(struct ktest *t, struct probe_model *m, unsigned long addr)
{
	int ret = modify_ftrace_direct(&probe_direct_ops, addr);

	if (!ret)
		m->direct = addr;
	return done(t, m, "modify to", addr == PROBE_B, ret);
}

bool probe_begin(struct ktest *t, struct probe_model *m)
{
	unsigned long function = (unsigned long)probe_target;
	unsigned int op;
	int ret = 0;

	memset(m, 0, sizeof(*m));
	for (op = 0; op < PROBE_NR_OPS && !ret; op++)
		ret = ftrace_set_filter_ip(&probe_ops[op], function, 0, 1);
	if (!ret)
		ret = ftrace_set_filter_ip(&probe_direct_ops, function, 0, 1);
	return done(t, m, "begin", 0, ret);
}

void probe_end(struct ktest *t, struct probe_model *m)
{
	unsigned int op;

	if (m->direct)
		unregister_ftrace_direct(&probe_direct_ops, m->direct, false);
	while (m->nr)
		probe_unregister(m->order[--m->nr]);
	m->direct = 0;
	done(t, m, "end", 0, 0);
	for (op = 0; op < PROBE_NR_ALL; op++)
		ftrace_free_filter(probe_op(op));
	ftrace_free_filter(&probe_direct_ops);
}
