/* SPDX-License-Identifier: MIT */
/*
 * A direct function may continue the traced function at an address of its own, instead of the
 * resume address that an IPMODIFY callback has set. So the two may share a site only if the owner
 * of the direct ops agrees (docs/ops.md): it is asked here before anything changes, and told when
 * the sharing ends.
 */
#include "trace/core/share.h"
#include "trace/core/ops_list.h"
#include "trace/core/set.h"
#include "trace/kernel.h"

static struct ftrace_ops *asked;	/* the ops that is being asked */

static bool has_ipmodify(const struct ftrace_set *set)
{
	return set && set->flags & FTRACE_SET_IPMODIFY;
}

static struct ftrace_set *set_at(unsigned long ip)
{
	const struct dyn_ftrace *rec = ftrace_find_record(ip);

	return rec ? dyn_ftrace_set(rec) : NULL;
}

static int ask(struct ftrace_ops *direct, enum ftrace_ops_cmd cmd, unsigned long ip)
{
	struct ftrace_ops *outer = asked;
	int err = -EBUSY;

	/*
	 * The ops that is being asked must not be asked again because of a change that it makes
	 * itself: that would never end.
	 */
	if (direct->ops_func && direct != asked) {
		asked = direct;
		err = direct->ops_func(direct, cmd);
		asked = outer;
	}
	if (err)
		pr_warn("ftrace: %ps: its direct call %s where the function resumes: error %d\n",
			(void *)ip, direct->ops_func ? "does not agree to share" :
			"cannot share (no ops_func)", err);
	return err;
}

/* The direct ops @ops comes to a site with IPMODIFY, or changes its address there. */
static int ask_self(struct ftrace_ops *ops, const struct ftrace_ops_hash *to)
{
	unsigned long ip;
	unsigned int i;

	ftrace_hash_for_each(ip, i, to->filter_hash) {
		const struct ftrace_set *set = set_at(ip);

		if (!has_ipmodify(set) ||
		    !ftrace_filters_match(to->filter_hash, to->notrace_hash, ip))
			continue;
		/* Where nothing changes for this ops, it has agreed before. */
		if (set->direct_ops != ops || set->direct != ftrace_ops_direct(ops, to, ip))
			return ask(ops, FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_SELF, ip);
	}
	return 0;
}

/*
 * Returns the first site that has @direct and that @to matches; 0 if there is none. A site that
 * only the filter of @direct names does not count: while a module is loaded, @direct may come to
 * the site later, and is asked about that itself then.
 */
static unsigned long common_site(const struct ftrace_ops *direct, const struct ftrace_ops_hash *to)
{
	unsigned long ip;
	unsigned int i;

	ftrace_hash_for_each(ip, i, direct->local_hash.filter_hash) {
		const struct ftrace_set *set;

		/* The filter says where it may be, the site's set whether it is there. */
		if (!ftrace_filters_match(to->filter_hash, to->notrace_hash, ip))
			continue;
		set = set_at(ip);
		if (set && set->direct_ops == direct)
			return ip;
	}
	return 0;
}

static int ask_peers(const struct ftrace_ops_hash *to)
{
	struct ftrace_ops *peer = NULL;
	unsigned long ip;
	int err;

	while ((peer = ftrace_ops_next(peer))) {
		if (!(peer->flags & FTRACE_OPS_FL_DIRECT) || peer->sharing)
			continue;
		ip = common_site(peer, to);
		if (!ip)
			continue;
		/* If a later one refuses, ftrace_share_done() tells those that agreed before it. */
		err = ask(peer, FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_PEER, ip);
		if (err)
			return err;
		peer->sharing = true;
	}
	return 0;
}

int ftrace_share_ask(struct ftrace_ops *ops, const struct ftrace_ops_hash *to)
{
	lockdep_assert_held(&ftrace_lock);
	if (ops->flags & FTRACE_OPS_FL_DIRECT)
		return ask_self(ops, to);
	return ops->flags & FTRACE_OPS_FL_IPMODIFY ? ask_peers(to) : 0;
}

static bool shares_a_site(const struct ftrace_ops *direct, const struct ftrace_hash *filter)
{
	unsigned long ip;
	unsigned int i;

	ftrace_hash_for_each(ip, i, filter) {
		const struct ftrace_set *set = set_at(ip);

		if (has_ipmodify(set) && set->direct_ops == direct)
			return true;
	}
	return false;
}

void ftrace_share_settle(void)
{
	struct ftrace_ops *peer = NULL;

	lockdep_assert_held(&ftrace_lock);
	while ((peer = ftrace_ops_next(peer))) {
		if (!peer->sharing || shares_a_site(peer, peer->local_hash.filter_hash))
			continue;
		peer->sharing = false;
		peer->ops_func(peer, FTRACE_OPS_CMD_DISABLE_SHARE_IPMODIFY_PEER);
	}
}

void ftrace_share_done(struct ftrace_ops *ops, const struct ftrace_ops_hash *to, int err)
{
	if (ops->flags & FTRACE_OPS_FL_IPMODIFY)
		ftrace_share_settle();
	else if (ops->flags & FTRACE_OPS_FL_DIRECT && !err)
		ops->sharing = to && shares_a_site(ops, to->filter_hash);
}
