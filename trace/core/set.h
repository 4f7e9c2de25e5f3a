/* SPDX-License-Identifier: MIT */
/*
 * Sets and records: the core's own view of sites. Shared by trace/'s core
 * files and the ports' trace code; nobody else includes it.
 *
 * A set is everything attached to a site: immutable, interned, shared by all
 * sites that have the same things attached (docs/design.md, "Sets"). The word that a site
 * hands its trampoline is a callable: the ops itself when a set has exactly one plain ops, else the
 * set.
 */
#pragma once
#include "trace/ftrace.h"

#define FTRACE_SET_REGS 1u		/* some ops wants SAVE_REGS */
#define FTRACE_SET_IPMODIFY 2u
#define FTRACE_SET_ASSIST 4u		/* one callback, with FTRACE_OPS_FL_RECURSION, and no direct call */
#define FTRACE_SET_RETIRED 8u	/* unused, and not to be used again: its ops may be gone */

struct ftrace_set {
	struct ftrace_callable call;	/* first: runs every callable below, then sets the direct caller */
	unsigned int nr_calls;
	unsigned int nr_ops;		/* callbacks and the direct ops: the reference count of its sites */
	unsigned int flags;		/* FTRACE_SET_* */
	unsigned int index;		/* in the records of its sites; 0 is "nothing attached" */
	unsigned int nr_sites;		/* records that name it, pending changes included */
	unsigned long direct;		/* direct trampoline, 0 = none */
	struct ftrace_ops *direct_ops;
	struct ftrace_callable *target;	/* what the trampoline is to call for this set */
	unsigned long stub;		/* the port's */
	struct ftrace_set *hash_next;
	struct ftrace_ops **ops;	/* nr_calls of them, in calling order: behind calls[] */
	/*
	 * calls[nr_calls] runs first, calls[1] last; calls[0] is NULL. Down and up to a sentinel is
	 * the shortest loop for both a counter and a pointer.
	 */
	struct ftrace_callable *calls[];
};

/* A record: one per site, 8 bytes. */
struct dyn_ftrace {
	s32 offset;			/* site address - _text */
	u32 flags;			/* FTRACE_FL_* and the set's index */
};
#define FTRACE_FL_SET_MASK 0x0007ffffu
#define FTRACE_FL_MODIFIED (1u << 19)	/* sticky: had a direct call or IPMODIFY */
#define FTRACE_FL_TOUCHED (1u << 20)	/* sticky: was ever enabled */
#define FTRACE_FL_DISABLED (1u << 25)	/* must not be touched */
#define FTRACE_FL_ENABLED (1u << 31)	/* the text calls the set */

/* The set with @index; NULL for 0. */
struct ftrace_set *ftrace_set_at(unsigned int index);

/*
 * The set that is @old plus or minus @ops; a direct @ops calls @direct, and may be in @old with
 * another. Made if it does not exist yet, and then unused until ftrace_set_get(). NULL old or
 * result means "nothing". 0, -ENOMEM, -EBUSY (a second direct function or IPMODIFY). ftrace_lock
 * held.
 */
int ftrace_set_with(struct ftrace_set *old, struct ftrace_ops *ops, unsigned long direct,
		    struct ftrace_set **result);
int ftrace_set_without(struct ftrace_set *old, struct ftrace_ops *ops, struct ftrace_set **result);

/* One more or one less record names @set (NULL is fine). */
void ftrace_set_get(struct ftrace_set *set);
void ftrace_set_put(struct ftrace_set *set);
/*
 * Free the sets that no record names and no thread can be inside (reclaim.c). Those that have to
 * stay are not found any more.
 */
void ftrace_sets_reclaim(void);
/* Sets that exist, and those of them that no record names. For statistics. */
void ftrace_sets_count(unsigned int *total, unsigned int *unused);

/* Drop @ip from the filters of every ops that is registered, or kept. */
void ftrace_forget_site(unsigned long ip);
