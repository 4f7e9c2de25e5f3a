/* SPDX-License-Identifier: MIT */
/*
 * The explorer's last edge: in each state, everything is attached to a function of a module as
 * well, and then the module is removed. Everything else must be as it was before the module came.
 */
#include "kernel/kallsyms.h"
#include "kernel/module/module.h"
#include "tests/guest/ktest/explore.h"
#include "tests/guest/ktest/files.h"

static bool complain(struct explorer *e, const char *what)
{
	ktest_fail(e->t, __FILE__, __LINE__, "%s: %s", e->step, what);
	return false;
}

/* Add @function to the filters of all ops that are attached. */
static bool attach_to(struct explorer *e, unsigned long function)
{
	struct ftrace_hash *hash;
	unsigned int n;
	int err = 0;

	for (n = 0; n < e->all.nr && !err; n++)
		err = ftrace_set_filter_ip(probe_op(e->all.order[n]), function, 0, 0);
	if (err || !e->all.direct)
		return !err;
	hash = ftrace_hash_copy(NULL);
	err = !hash || ftrace_hash_add_direct(hash, function, e->all.direct) ||
	      update_ftrace_direct_add(&explore_hash_ops, hash);
	ftrace_hash_free(hash);
	return !err;
}

static bool with_module(struct explorer *e)
{
	unsigned long function = kallsyms_lookup_name("ktest_module_work");
	unsigned long site = ftrace_location(function);
	unsigned int runs = e->all.nr + !!e->all.direct;

	if (!site || !attach_to(e, function))
		return complain(e, "the module's function cannot be traced");
	probe_nr_events = 0;
	((int (*)(int))function)(0);
	if (probe_nr_events != runs)
		return complain(e, "the module's function has another number of runs");
	return explore_check(e);
}

bool explore_module(struct explorer *e)
{
	struct explore_snapshot before;
	bool ok;

	explore_hold(e, &before);
	if (insmod(KTEST_MODULE))
		ok = complain(e, "the module cannot be loaded");
	else
		ok = with_module(e);
	if (module_remove("ktest_module"))
		ok = complain(e, "the module cannot be removed");
	ok = ok && explore_same(e, &before) && explore_others_same(e) && explore_check(e);
	explore_drop(&before);
	e->edges += ok;
	e->calls += 2;
	return ok;
}
