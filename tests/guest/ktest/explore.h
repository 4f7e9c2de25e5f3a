/* SPDX-License-Identifier: MIT */
/*
 * The explorer of a site's states: explore.c has the walk and the states, explore_edges.c every
 * call that leads from one state to another, explore_refusals.c every call that is refused,
 * explore_check.c what must hold in each state. It is built on the probe bench (probe.h).
 */
#pragma once
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"

/*
 * The twin has whatever is attached to probe_target(), but an ops can leave either of the two
 * alone. The spare has nothing, but an ops can come to it.
 */
#define EXPLORE_TARGET ((unsigned long)probe_target)
#define EXPLORE_TWIN ((unsigned long)kt_glob_alpha)
#define EXPLORE_SPARE ((unsigned long)kt_glob_beta)
enum { TARGET_SITE, TWIN_SITE, SPARE_SITE, NR_SITES };

struct explorer {
	struct ktest *t;
	struct probe_model all;		/* the registered ops, earliest first */
	bool everywhere;		/* failures are injected in every state */
	bool by_hash;			/* direct calls by update_ftrace_direct_*() */
	unsigned int kinds;		/* bits: the ops that come and go in this walk */
	unsigned int away[NR_SITES];	/* bits: the ops that do not call that function */
	u64 others;			/* explore_sum_of_others() at the start */
	unsigned long states, edges, refusals, faults, calls;
	unsigned long steps, trampoline_steps;	/* counts of the audit */
	char step[120];			/* what is being done, for messages */
};

/* Everything that a call must leave as it was if it fails or is undone. */
struct explore_snapshot {
	struct {
		u64 insn;
		unsigned long literal;
		u32 flags;
	} sites[NR_SITES];
	struct {
		unsigned int flags, filters, excluded;
		bool sharing;
	} ops[PROBE_NR_ALL + 1];
	struct ftrace_set *set;		/* of probe_target(): kept alive, so it must come back */
	unsigned long objects;		/* allocated objects, not counting sets */
};

struct explore_edge {
	const char *name, *back_name;
	bool (*applies)(const struct explorer *e, unsigned int arg);
	int (*go)(struct explorer *e, unsigned int arg);	/* success changes the model, too */
	int (*back)(struct explorer *e, unsigned int arg);
	unsigned int nr_args;
};
struct explore_refusal {
	const char *name;
	bool (*applies)(const struct explorer *e);
	int (*call)(struct explorer *e);	/* changes nothing, and not the model either */
	int err;
};
extern const struct explore_edge explore_edges[];
extern const unsigned int explore_nr_edges;
extern const struct explore_refusal explore_refusals[];
extern const unsigned int explore_nr_refusals;

extern struct ftrace_ops explore_hash_ops;	/* the direct ops that is edited by hashes */

bool explore_registered(const struct explorer *e, unsigned int op);
int explore_direct_on(struct explorer *e, unsigned long addr);
int explore_direct_off(struct explorer *e);
int explore_direct_modify(struct explorer *e, unsigned long addr);
/* Call one of update_ftrace_direct_*() for explore_hash_ops, with @addr for both functions. */
int explore_by_hash(int (*update)(struct ftrace_ops *ops, struct ftrace_hash *hash),
		    unsigned long addr);
/* Attach what @to has, in that order, with full filters. Errors are reported. */
bool explore_move(struct explorer *e, const struct probe_model *to);

/* Compare everything about both functions, and how many sets there are, with the model. */
bool explore_check(struct explorer *e);
/*
 * Hold the state's set, and give it up again. same: returns true if everything is as in @snapshot.
 */
void explore_hold(const struct explorer *e, struct explore_snapshot *snapshot);
void explore_drop(struct explore_snapshot *snapshot);
bool explore_same(struct explorer *e, const struct explore_snapshot *snapshot);
/*
 * sum: sums up all other sites in one number. same: returns true if it is still that of the start,
 * since no call may change them. This reads each site of the kernel, so it is asked after the calls
 * of an edge that succeed, and not after each failure.
 */
u64 explore_sum_of_others(void);
bool explore_others_same(struct explorer *e);
/* Audit one call, instruction by instruction: explore_audit.c. */
bool explore_audit(struct explorer *e);
/* Attach everything to a module's function as well, and remove the module: explore_module.c. */
bool explore_module(struct explorer *e);
/* Test a callback that calls a traced function itself. */
bool explore_recursion(struct explorer *e);
