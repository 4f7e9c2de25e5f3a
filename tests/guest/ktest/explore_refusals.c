/* SPDX-License-Identifier: MIT */
/* The explorer's refusals: every call of the API that must fail in a state and change nothing. */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "tests/guest/ktest/explore.h"
#include "trace/core/ops.h"

/* An ops for a single call; it names the target. */
static struct ftrace_ops spare;

static int with_spare(unsigned int flags, const char *filter, int (*call)(void))
{
	int err;

	spare = (struct ftrace_ops){ .func = probe_ops[PROBE_P1].func, .flags = flags };
	err = filter ? ftrace_set_filter(&spare, filter, (int)strlen(filter), 1) : 0;
	if (!err)
		err = call();
	ftrace_free_filter(&spare);
	return err;
}

static int register_spare(void)
{
	return register_ftrace_function(&spare);
}

static int register_spare_direct(void)
{
	spare.func = NULL;
	return register_ftrace_direct(&spare, PROBE_B);
}

static int register_spare_direct_with_func(void)
{
	return register_ftrace_direct(&spare, PROBE_B);
}

static struct ftrace_ops *any_op(const struct explorer *e)
{
	return probe_op(e->all.order[e->all.nr / 2]);
}

static unsigned long other_address(const struct explorer *e)
{
	return e->all.direct == PROBE_A ? PROBE_B : PROBE_A;
}

static bool has_ops(const struct explorer *e)
{
	return e->all.nr;
}

static bool has_any_direct(const struct explorer *e)
{
	return e->all.direct;
}

static bool has_direct(const struct explorer *e)
{
	return e->all.direct && !e->by_hash;
}

static bool lacks_direct(const struct explorer *e)
{
	return !e->all.direct;
}

static bool has_direct_by_hash(const struct explorer *e)
{
	return e->all.direct && e->by_hash;
}

static bool has_direct_without_ipmodify(const struct explorer *e)
{
	return e->all.direct && !explore_registered(e, PROBE_I);
}

static bool has_ipmodify_without_direct(const struct explorer *e)
{
	return !e->all.direct && explore_registered(e, PROBE_I);
}

static bool has_both(const struct explorer *e)
{
	return e->all.direct && explore_registered(e, PROBE_I);
}

static bool switched_off(const struct explorer *e)
{
	return e->all.off;
}

static bool switched_on(const struct explorer *e)
{
	return !e->all.off;
}

static bool has_ipmodify(const struct explorer *e)
{
	return explore_registered(e, PROBE_I);
}

static bool lacks_plain(const struct explorer *e)
{
	return !explore_registered(e, PROBE_P1);
}

static bool lacks_save_regs(const struct explorer *e)
{
	return !FTRACE_HAVE_SAVE_REGS;
}

static int twice(struct explorer *e)
{
	return register_ftrace_function(any_op(e));
}

static int not_registered(struct explorer *e)
{
	return unregister_ftrace_function(&probe_ops[PROBE_P1]);
}

static int second_ipmodify(struct explorer *e)
{
	return with_spare(FTRACE_OPS_FL_IPMODIFY, "probe_target", register_spare);
}

static int ipmodify_everywhere(struct explorer *e)
{
	return with_spare(FTRACE_OPS_FL_IPMODIFY, NULL, register_spare);
}

static int ipmodify_notrace(struct explorer *e)
{
	return ftrace_set_notrace(&probe_ops[PROBE_I], "kt_glob_beta", 12, 0);
}

static int ipmodify_no_filter(struct explorer *e)
{
	return ftrace_set_filter(&probe_ops[PROBE_I], NULL, 0, 1);
}

static int deleted(struct explorer *e)
{
	return with_spare(FTRACE_OPS_FL_DELETED, "probe_target", register_spare);
}

static int save_regs(struct explorer *e)
{
	return with_spare(FTRACE_OPS_FL_SAVE_REGS, "probe_target", register_spare);
}

static int filter_nothing(struct explorer *e)
{
	return ftrace_set_filter(any_op(e), "no_such_function", 16, 1);
}

static int filter_no_site(struct explorer *e)
{
	return ftrace_set_filter_ip(any_op(e), EXPLORE_TARGET + 1, 0, 0);
}

static int filter_remove_absent(struct explorer *e)
{
	return ftrace_set_filter_ip(any_op(e), (unsigned long)kt_sum, 1, 0);
}

static int unregister_plain_as_direct(struct explorer *e)
{
	return unregister_ftrace_direct(any_op(e), PROBE_A, false);
}

static int second_direct(struct explorer *e)
{
	return with_spare(0, "probe_target", register_spare_direct);
}

/* The first of its functions is free, and must not stay attached. */
static int second_direct_on_two(struct explorer *e)
{
	return with_spare(0, "*_[st]*", register_spare_direct);
}

static int direct_twice(struct explorer *e)
{
	return register_ftrace_direct(&probe_direct_ops, e->all.direct);
}

static int direct_with_func(struct explorer *e)
{
	return with_spare(0, "probe_target", register_spare_direct_with_func);
}

static int direct_everywhere(struct explorer *e)
{
	return with_spare(0, NULL, register_spare_direct);
}

static int direct_ipmodify(struct explorer *e)
{
	return with_spare(FTRACE_OPS_FL_IPMODIFY, "probe_target", register_spare_direct);
}

static int direct_nowhere(struct explorer *e)
{
	return register_ftrace_direct(&probe_direct_ops, 0);
}

static int direct_filter(struct explorer *e)
{
	return ftrace_set_filter_ip(&probe_direct_ops, EXPLORE_TARGET, 1, 0);
}

static int direct_notrace(struct explorer *e)
{
	return ftrace_set_notrace(&probe_direct_ops, "probe_target", 12, 0);
}

static int direct_as_callback(struct explorer *e)
{
	return unregister_ftrace_function(&probe_direct_ops);
}

static int modify_unregistered(struct explorer *e)
{
	return modify_ftrace_direct(&probe_direct_ops, PROBE_B);
}

static int modify_to_nowhere(struct explorer *e)
{
	return modify_ftrace_direct(&probe_direct_ops, 0);
}

static int undirect_unregistered(struct explorer *e)
{
	return unregister_ftrace_direct(&probe_direct_ops, PROBE_A, false);
}

static int undirect_wrong(struct explorer *e)
{
	return unregister_ftrace_direct(&probe_direct_ops, other_address(e), false);
}

static int add_again(struct explorer *e)
{
	return explore_by_hash(update_ftrace_direct_add, e->all.direct);
}

static int delete_wrong(struct explorer *e)
{
	return explore_by_hash(update_ftrace_direct_del, other_address(e));
}

static struct ftrace_ops *direct_ops(const struct explorer *e)
{
	return e->by_hash ? &explore_hash_ops : &probe_direct_ops;
}

static int unshared_ipmodify(struct explorer *e)
{
	int err;

	probe_share_answer = -EAGAIN;
	err = register_ftrace_function(&probe_ops[PROBE_I]);
	probe_share_answer = 0;
	return err;
}

static int unasked_ipmodify(struct explorer *e)
{
	struct ftrace_ops *ops = direct_ops(e);
	ftrace_ops_func_t func = ops->ops_func;
	int err;

	ops->ops_func = NULL;
	err = register_ftrace_function(&probe_ops[PROBE_I]);
	ops->ops_func = func;
	return err;
}

static int unshared_direct(struct explorer *e)
{
	int err;

	probe_share_answer = -EAGAIN;
	err = explore_direct_on(e, PROBE_A);
	probe_share_answer = 0;
	return err;
}

static int unshared_modify(struct explorer *e)
{
	int err;

	probe_share_answer = -EAGAIN;
	err = explore_direct_modify(e, other_address(e));
	probe_share_answer = 0;
	return err;
}

static int permanent(struct explorer *e)
{
	return with_spare(FTRACE_OPS_FL_PERMANENT, "kt_glob_gamma", register_spare);
}

static int switch_off_beside_spare(void)
{
	int err = register_spare();

	if (!err) {
		err = ftrace_set_enabled(false);
		unregister_ftrace_function(&spare);
	}
	return err;
}

static int switch_off_with_permanent(struct explorer *e)
{
	return with_spare(FTRACE_OPS_FL_PERMANENT, "kt_glob_gamma", switch_off_beside_spare);
}

static struct fgraph_ops *any_user(const struct explorer *e, bool registered)
{
	bool first = explore_registered(e, PROBE_G1) == registered;

	return &probe_users[first ? 0 : 1];
}

static bool has_user(const struct explorer *e)
{
	return probe_nr_users(&e->all);
}

static bool has_one_user(const struct explorer *e)
{
	return probe_nr_users(&e->all) == 1;
}

static int user_twice(struct explorer *e)
{
	return register_ftrace_graph(any_user(e, true));
}

static int user_not_registered(struct explorer *e)
{
	return unregister_ftrace_graph(any_user(e, false));
}

/* The error of calls whose arguments a build without struct ftrace_regs does not even look at. */
#define INVALID (FTRACE_HAVE_ARGS ? -EINVAL : -EOPNOTSUPP)
const struct explore_refusal explore_refusals[] = {
	{ "register twice", has_ops, twice, -EBUSY },
	{ "unregister what is not", lacks_plain, not_registered, -EBUSY },
	{ "a second IPMODIFY", has_ipmodify, second_ipmodify, -EBUSY },
	{ "IPMODIFY everywhere", NULL, ipmodify_everywhere, INVALID },
	{ "IPMODIFY with notrace", has_ipmodify, ipmodify_notrace, -EINVAL },
	{ "IPMODIFY loses its filter", has_ipmodify, ipmodify_no_filter, -EINVAL },
	{ "DELETED", NULL, deleted, -EINVAL },
	{ "SAVE_REGS without support", lacks_save_regs, save_regs, -EINVAL },
	{ "filter for nothing", has_ops, filter_nothing, -EINVAL },
	{ "filter for no site", has_ops, filter_no_site, -EINVAL },
	{ "filter removes what is not in it", has_ops, filter_remove_absent, -ENOENT },
	{ "unregister a callback as direct", has_ops, unregister_plain_as_direct, -EINVAL },
	{ "a second direct function", has_any_direct, second_direct, -EBUSY },
	{ "a second direct function on several", has_any_direct, second_direct_on_two, -EBUSY },
	{ "the direct function twice", has_direct, direct_twice, -EINVAL },
	{ "a direct function with func", NULL, direct_with_func, INVALID },
	{ "a direct function everywhere", NULL, direct_everywhere, INVALID },
	{ "a direct function with IPMODIFY", NULL, direct_ipmodify, INVALID },
	{ "a direct function at 0", lacks_direct, direct_nowhere, INVALID },
	{ "filter of a direct call", has_direct, direct_filter, -EBUSY },
	{ "notrace of a direct call", has_direct, direct_notrace, -EBUSY },
	{ "unregister direct as a callback", has_direct, direct_as_callback, -EBUSY },
	{ "modify what is not", lacks_direct, modify_unregistered, -EINVAL },
	{ "modify to 0", has_direct, modify_to_nowhere, -EINVAL },
	{ "direct off what is not", lacks_direct, undirect_unregistered, -EINVAL },
	{ "direct off the wrong one", has_direct, undirect_wrong, -EINVAL },
	{ "add by hash what is there", has_direct_by_hash, add_again, -EINVAL },
	{ "delete by hash the wrong one", has_direct_by_hash, delete_wrong, -EINVAL },
	{ "IPMODIFY, but direct will not share", has_direct_without_ipmodify, unshared_ipmodify,
	  -EAGAIN },
	{ "IPMODIFY, but direct cannot share", has_direct_without_ipmodify, unasked_ipmodify,
	  -EBUSY },
	{ "direct on, but will not share", has_ipmodify_without_direct, unshared_direct, -EAGAIN },
	{ "modify, but will not share", has_both, unshared_modify, -EAGAIN },
	{ "switch off with PERMANENT", switched_on, switch_off_with_permanent, -EBUSY },
	{ "PERMANENT while off", switched_off, permanent, -EBUSY },
	{ "register a graph user twice", has_user, user_twice, -EBUSY },
	{ "unregister a graph user that is not", has_one_user, user_not_registered, -EBUSY },
};
const unsigned int explore_nr_refusals = ARRAY_SIZE(explore_refusals);
