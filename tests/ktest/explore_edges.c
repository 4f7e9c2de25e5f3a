/* SPDX-License-Identifier: MIT */
/*
 * The explorer's edges: every call of the API that changes what is attached to a site, with the
 * one that takes it back; and every call that must be refused.
 */
#include "kernel/errno.h"
#include "kernel/string.h"
#include "tests/ktest/explore.h"
#include "trace/hash.h"

#define TARGET ((unsigned long)probe_target)

static int do_register(struct explorer *e, unsigned int op)
{
	int err = register_ftrace_function(&probe_ops[op]);

	if (!err)
		e->all.order[e->all.nr++] = op;
	return err;
}

static int do_unregister(struct explorer *e, unsigned int op)
{
	int err = unregister_ftrace_function(&probe_ops[op]);
	unsigned int n, to = 0;

	for (n = 0; n < e->all.nr; n++)
		if (err || e->all.order[n] != op)
			e->all.order[to++] = e->all.order[n];
	e->all.nr = to;
	return err;
}

static void set_away(struct explorer *e, unsigned int site, unsigned int op, bool away)
{
	e->away[site] = (e->away[site] & ~(1u << op)) | (unsigned int)away << op;
}

static int note_away(struct explorer *e, unsigned int op, bool away, int err)
{
	if (!err)
		set_away(e, TARGET_SITE, op, away);
	return err;
}

static int do_filter_remove(struct explorer *e, unsigned int op)
{
	return note_away(e, op, true, ftrace_set_filter_ip(&probe_ops[op], TARGET, 1, 0));
}

static int do_filter_add(struct explorer *e, unsigned int op)
{
	return note_away(e, op, false, ftrace_set_filter_ip(&probe_ops[op], TARGET, 0, 0));
}

/* By globs: nothing but the twin; and one more. */
static int do_filter_only_twin(struct explorer *e, unsigned int op)
{
	static const char glob[] = "kt_glob_alph*";

	return note_away(e, op, true,
			 ftrace_set_filter(&probe_ops[op], glob, sizeof(glob) - 1, 1));
}

static int do_filter_glob(struct explorer *e, unsigned int op)
{
	static const char glob[] = "probe_targe?";

	return note_away(e, op, false,
			 ftrace_set_filter(&probe_ops[op], glob, sizeof(glob) - 1, 0));
}

/* One function of two is exchanged, and the direct call stays on both. */
static int move_filter(struct explorer *e, unsigned int op, bool away)
{
	unsigned long ips[] = { TARGET, away ? EXPLORE_SPARE : EXPLORE_TWIN };
	int err = ftrace_set_filter_ips(&probe_ops[op], ips, 2, 0, 1);

	if (!err) {
		set_away(e, TWIN_SITE, op, away);
		set_away(e, SPARE_SITE, op, !away);
	}
	return err;
}

static int do_filter_move(struct explorer *e, unsigned int op)
{
	return move_filter(e, op, true);
}

static int do_filter_move_back(struct explorer *e, unsigned int op)
{
	return move_filter(e, op, false);
}

static int do_notrace_add(struct explorer *e, unsigned int op)
{
	struct ftrace_hash *hash = ftrace_hash_copy(NULL);
	int err = hash ? ftrace_hash_add(hash, ftrace_location(TARGET)) : -ENOMEM;

	if (!err)
		err = ftrace_hash_install(&probe_ops[op], true, hash);
	else if (hash)
		ftrace_hash_free(hash);
	return note_away(e, op, true, err);
}

static int do_notrace_clear(struct explorer *e, unsigned int op)
{
	return note_away(e, op, false, ftrace_set_notrace(&probe_ops[op], NULL, 0, 1));
}

static unsigned long address(unsigned int which)
{
	return which ? PROBE_B : PROBE_A;
}

struct ftrace_ops explore_hash_ops;

static int update_mod(struct ftrace_ops *ops, struct ftrace_hash *hash)
{
	return update_ftrace_direct_mod(ops, hash, true);
}

/* One of the calls that take hashes, with both functions going to @addr. */
static int by_hash(int (*update)(struct ftrace_ops *ops, struct ftrace_hash *hash),
		   unsigned long addr)
{
	struct ftrace_hash *hash = ftrace_hash_copy(NULL);
	int err = hash ? ftrace_hash_add_direct(hash, TARGET, addr) : -ENOMEM;

	if (!err)
		err = ftrace_hash_add_direct(hash, EXPLORE_TWIN, addr);
	if (!err)
		err = update(&explore_hash_ops, hash);
	ftrace_hash_free(hash);
	return err;
}

static int note_direct(struct explorer *e, unsigned long addr, int err)
{
	if (!err)
		e->all.direct = addr;
	return err;
}

int explore_direct_on(struct explorer *e, unsigned long addr)
{
	return note_direct(e, addr, e->by_hash ? by_hash(update_ftrace_direct_add, addr) :
			   register_ftrace_direct(&probe_direct_ops, addr));
}

int explore_direct_off(struct explorer *e)
{
	unsigned long addr = e->all.direct;

	return note_direct(e, 0, e->by_hash ? by_hash(update_ftrace_direct_del, addr) :
			   unregister_ftrace_direct(&probe_direct_ops, addr, false));
}

static int do_direct(struct explorer *e, unsigned int which)
{
	return explore_direct_on(e, address(which));
}

static int do_undirect(struct explorer *e, unsigned int which)
{
	(void)which;
	return explore_direct_off(e);
}

static int do_modify_to(struct explorer *e, unsigned int which)
{
	unsigned long addr = address(which);

	return note_direct(e, addr, e->by_hash ? by_hash(update_mod, addr) :
			   modify_ftrace_direct(&probe_direct_ops, addr));
}

static int do_modify_from(struct explorer *e, unsigned int which)
{
	return do_modify_to(e, !which);
}

static int do_switch(struct explorer *e, bool on)
{
	int err = ftrace_set_enabled(on);

	if (!err)
		e->all.off = !on;
	return err;
}

static int do_switch_off(struct explorer *e, unsigned int arg)
{
	(void)arg;
	return do_switch(e, false);
}

static int do_switch_on(struct explorer *e, unsigned int arg)
{
	(void)arg;
	return do_switch(e, true);
}

static bool is_on(const struct explorer *e, unsigned int arg)
{
	(void)arg;
	return !e->all.off;
}

static bool is_off(const struct explorer *e, unsigned int arg)
{
	(void)arg;
	return e->all.off;
}

static bool is_free(const struct explorer *e, unsigned int op)
{
	return (FTRACE_HAVE_SAVE_REGS || (op != PROBE_R1 && op != PROBE_R2)) &&
	       (FTRACE_HAVE_ARGS || op != PROBE_I) && !explore_registered(e, op);
}

/* IPMODIFY refuses a notrace filter: that is among the refusals. */
static bool may_have_notrace(const struct explorer *e, unsigned int op)
{
	return op != PROBE_I && explore_registered(e, op);
}

static bool has_no_direct(const struct explorer *e, unsigned int which)
{
	(void)which;
	return FTRACE_HAVE_ARGS && !e->all.direct;
}

static bool has_this_direct(const struct explorer *e, unsigned int which)
{
	return e->all.direct == address(which);
}

static bool has_other_direct(const struct explorer *e, unsigned int which)
{
	return e->all.direct == address(!which);
}

/* An edge, the one back, when there is one, both calls, and how many arguments they have. */
#define OPS PROBE_NR_OPS
const struct explore_edge explore_edges[] = {
	{ "register", "unregister again", is_free, do_register, do_unregister, OPS },
	{ "unregister", "register again", explore_registered, do_unregister, do_register, OPS },
	{ "filter out", "filter in", explore_registered, do_filter_remove, do_filter_add, OPS },
	{ "glob out", "glob in", explore_registered, do_filter_only_twin, do_filter_glob, OPS },
	{ "move", "move back", explore_registered, do_filter_move, do_filter_move_back, OPS },
	{ "notrace", "no notrace", may_have_notrace, do_notrace_add, do_notrace_clear, OPS },
	{ "direct on", "direct off again", has_no_direct, do_direct, do_undirect, 2 },
	{ "direct off", "direct on again", has_this_direct, do_undirect, do_direct, 2 },
	{ "modify", "modify back", has_other_direct, do_modify_to, do_modify_from, 2 },
	{ "switch off", "switch on again", is_on, do_switch_off, do_switch_on, 1 },
	{ "switch on", "switch off again", is_off, do_switch_on, do_switch_off, 1 },
};
const unsigned int explore_nr_edges = ARRAY_SIZE(explore_edges);

/* What follows must be refused. An ops for one call, on the target. */
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

static int any_registered(const struct explorer *e)
{
	return (int)e->all.order[e->all.nr / 2];
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
	(void)e;
	return !FTRACE_HAVE_SAVE_REGS;
}

static int twice(struct explorer *e)
{
	return register_ftrace_function(&probe_ops[any_registered(e)]);
}

static int not_registered(struct explorer *e)
{
	(void)e;
	return unregister_ftrace_function(&probe_ops[PROBE_P1]);
}

static int second_ipmodify(struct explorer *e)
{
	(void)e;
	return with_spare(FTRACE_OPS_FL_IPMODIFY, "probe_target", register_spare);
}

static int ipmodify_everywhere(struct explorer *e)
{
	(void)e;
	return with_spare(FTRACE_OPS_FL_IPMODIFY, NULL, register_spare);
}

static int ipmodify_notrace(struct explorer *e)
{
	(void)e;
	return ftrace_set_notrace(&probe_ops[PROBE_I], "kt_glob_beta", 12, 0);
}

static int ipmodify_no_filter(struct explorer *e)
{
	(void)e;
	return ftrace_set_filter(&probe_ops[PROBE_I], NULL, 0, 1);
}

static int deleted(struct explorer *e)
{
	(void)e;
	return with_spare(FTRACE_OPS_FL_DELETED, "probe_target", register_spare);
}

static int save_regs(struct explorer *e)
{
	(void)e;
	return with_spare(FTRACE_OPS_FL_SAVE_REGS, "probe_target", register_spare);
}

static int filter_nothing(struct explorer *e)
{
	return ftrace_set_filter(&probe_ops[any_registered(e)], "no_such_function", 16, 1);
}

static int filter_no_site(struct explorer *e)
{
	return ftrace_set_filter_ip(&probe_ops[any_registered(e)], TARGET + 1, 0, 0);
}

static int filter_remove_absent(struct explorer *e)
{
	return ftrace_set_filter_ip(&probe_ops[any_registered(e)], (unsigned long)kt_sum, 1, 0);
}

static int unregister_plain_as_direct(struct explorer *e)
{
	return unregister_ftrace_direct(&probe_ops[any_registered(e)], PROBE_A, false);
}

static int second_direct(struct explorer *e)
{
	(void)e;
	return with_spare(0, "probe_target", register_spare_direct);
}

/* The first of its functions is free, which must not stay attached. */
static int second_direct_on_two(struct explorer *e)
{
	(void)e;
	return with_spare(0, "*_[st]*", register_spare_direct);
}

static int direct_twice(struct explorer *e)
{
	return register_ftrace_direct(&probe_direct_ops, e->all.direct);
}

static int direct_with_func(struct explorer *e)
{
	(void)e;
	return with_spare(0, "probe_target", register_spare_direct_with_func);
}

static int direct_everywhere(struct explorer *e)
{
	(void)e;
	return with_spare(0, NULL, register_spare_direct);
}

static int direct_ipmodify(struct explorer *e)
{
	(void)e;
	return with_spare(FTRACE_OPS_FL_IPMODIFY, "probe_target", register_spare_direct);
}

static int direct_nowhere(struct explorer *e)
{
	(void)e;
	return register_ftrace_direct(&probe_direct_ops, 0);
}

static int direct_filter(struct explorer *e)
{
	(void)e;
	return ftrace_set_filter_ip(&probe_direct_ops, TARGET, 1, 0);
}

static int direct_notrace(struct explorer *e)
{
	(void)e;
	return ftrace_set_notrace(&probe_direct_ops, "probe_target", 12, 0);
}

static int direct_as_callback(struct explorer *e)
{
	(void)e;
	return unregister_ftrace_function(&probe_direct_ops);
}

static int modify_unregistered(struct explorer *e)
{
	(void)e;
	return modify_ftrace_direct(&probe_direct_ops, PROBE_B);
}

static int modify_to_nowhere(struct explorer *e)
{
	(void)e;
	return modify_ftrace_direct(&probe_direct_ops, 0);
}

static int undirect_unregistered(struct explorer *e)
{
	(void)e;
	return unregister_ftrace_direct(&probe_direct_ops, PROBE_A, false);
}

static int undirect_wrong(struct explorer *e)
{
	return unregister_ftrace_direct(&probe_direct_ops,
					e->all.direct == PROBE_A ? PROBE_B : PROBE_A, false);
}

static int add_again(struct explorer *e)
{
	return by_hash(update_ftrace_direct_add, e->all.direct);
}

static int delete_wrong(struct explorer *e)
{
	return by_hash(update_ftrace_direct_del, e->all.direct == PROBE_A ? PROBE_B : PROBE_A);
}

static struct ftrace_ops *direct_ops(const struct explorer *e)
{
	return e->by_hash ? &explore_hash_ops : &probe_direct_ops;
}

static int unshared_ipmodify(struct explorer *e)
{
	int err;

	(void)e;
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
	err = do_modify_to(e, e->all.direct == PROBE_A);
	probe_share_answer = 0;
	return err;
}

static int permanent(struct explorer *e)
{
	(void)e;
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
	(void)e;
	return with_spare(FTRACE_OPS_FL_PERMANENT, "kt_glob_gamma", switch_off_beside_spare);
}

/* Of what a build without struct ftrace_regs does not even look at. */
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
};
const unsigned int explore_nr_refusals = ARRAY_SIZE(explore_refusals);
