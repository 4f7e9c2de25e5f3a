/* SPDX-License-Identifier: MIT */
/*
 * The explorer's edges: every call of the API that changes what is attached to a site, with the
 * one that takes it back.
 */
#include "kernel/lib/errno.h"
#include "tests/guest/ktest/explore.h"
#include "trace/core/filter.h"
#include "trace/core/hash.h"
#include "trace/core/ops.h"

static int do_register(struct explorer *e, unsigned int op)
{
	int err = probe_register(op);

	if (!err)
		e->all.order[e->all.nr++] = op;
	return err;
}

static int do_unregister(struct explorer *e, unsigned int op)
{
	int err = probe_unregister(op);
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
	return note_away(e, op, true, ftrace_set_filter_ip(probe_op(op), EXPLORE_TARGET, 1, 0));
}

static int do_filter_add(struct explorer *e, unsigned int op)
{
	return note_away(e, op, false, ftrace_set_filter_ip(probe_op(op), EXPLORE_TARGET, 0, 0));
}

/* These use globs: the twin alone; and one function more. */
static int do_filter_only_twin(struct explorer *e, unsigned int op)
{
	static const char glob[] = "kt_glob_alph*";

	return note_away(e, op, true,
			 ftrace_set_filter(probe_op(op), glob, sizeof(glob) - 1, 1));
}

static int do_filter_glob(struct explorer *e, unsigned int op)
{
	static const char glob[] = "probe_targe?";

	return note_away(e, op, false,
			 ftrace_set_filter(probe_op(op), glob, sizeof(glob) - 1, 0));
}

/* One of the two functions is exchanged for another. The direct call stays on both. */
static int move_filter(struct explorer *e, unsigned int op, bool away)
{
	unsigned long ips[] = { EXPLORE_TARGET, away ? EXPLORE_SPARE : EXPLORE_TWIN };
	int err = ftrace_set_filter_ips(probe_op(op), ips, 2, 0, 1);

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
	int err = hash ? ftrace_hash_add(hash, ftrace_location(EXPLORE_TARGET)) : -ENOMEM;

	if (!err)
		err = ftrace_hash_install(probe_op(op), true, hash);
	else if (hash)
		ftrace_hash_free(hash);
	return note_away(e, op, true, err);
}

static int do_notrace_clear(struct explorer *e, unsigned int op)
{
	return note_away(e, op, false, ftrace_set_notrace(probe_op(op), NULL, 0, 1));
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

/* Makes one of the calls that take hashes, with @addr for both functions. */
int explore_by_hash(int (*update)(struct ftrace_ops *ops, struct ftrace_hash *hash),
		    unsigned long addr)
{
	struct ftrace_hash *hash = ftrace_hash_copy(NULL);
	int err = hash ? ftrace_hash_add_direct(hash, EXPLORE_TARGET, addr) : -ENOMEM;

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
	return note_direct(e, addr, e->by_hash ? explore_by_hash(update_ftrace_direct_add, addr) :
			   register_ftrace_direct(&probe_direct_ops, addr));
}

int explore_direct_off(struct explorer *e)
{
	unsigned long addr = e->all.direct;

	return note_direct(e, 0, e->by_hash ? explore_by_hash(update_ftrace_direct_del, addr) :
			   unregister_ftrace_direct(&probe_direct_ops, addr, false));
}

static int do_direct(struct explorer *e, unsigned int which)
{
	return explore_direct_on(e, address(which));
}

static int do_undirect(struct explorer *e, unsigned int which)
{
	return explore_direct_off(e);
}

int explore_direct_modify(struct explorer *e, unsigned long addr)
{
	return note_direct(e, addr, e->by_hash ? explore_by_hash(update_mod, addr) :
			   modify_ftrace_direct(&probe_direct_ops, addr));
}

static int do_modify_to(struct explorer *e, unsigned int which)
{
	return explore_direct_modify(e, address(which));
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
	return do_switch(e, false);
}

static int do_switch_on(struct explorer *e, unsigned int arg)
{
	return do_switch(e, true);
}

static bool is_on(const struct explorer *e, unsigned int arg)
{
	return !e->all.off;
}

static bool is_off(const struct explorer *e, unsigned int arg)
{
	return e->all.off;
}

static bool is_free(const struct explorer *e, unsigned int op)
{
	return e->kinds & 1u << op &&
	       (FTRACE_HAVE_SAVE_REGS || (op != PROBE_R1 && op != PROBE_R2)) &&
	       (FTRACE_HAVE_ARGS || op != PROBE_I) && !explore_registered(e, op);
}

/* IPMODIFY refuses a notrace filter; that is among the refusals. */
static bool may_have_notrace(const struct explorer *e, unsigned int op)
{
	return op != PROBE_I && explore_registered(e, op);
}

static bool has_no_direct(const struct explorer *e, unsigned int which)
{
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

/*
 * An edge: both calls, there and back (if there is a way back), and how many arguments they have.
 */
#define OPS PROBE_NR_ALL
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
