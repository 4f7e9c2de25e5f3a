/* SPDX-License-Identifier: MIT */
/*
 * Sets and records: the core's own view of sites. Shared by trace/'s core
 * files and the ports' trace code; nobody else includes it.
 *
 * A set is everything attached to a site: immutable, interned, shared by all
 * sites that have the same things attached (DESIGN section 5). The word that a
 * site hands its trampoline is a callable: the ops itself when a set has exactly one plain ops, else the set.
 */
#pragma once
#include "trace/ftrace.h"

#define FTRACE_SET_REGS 1u		/* some ops wants SAVE_REGS */
#define FTRACE_SET_IPMODIFY 2u

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
	struct ftrace_callable *calls[];
};

/* A record: one per site, 8 bytes. */
struct dyn_ftrace {
	s32 offset;			/* site address - ftrace_base */
	u32 flags;			/* FTRACE_FL_* and the set's index */
};
#define FTRACE_FL_SET_MASK 0x0007ffffu
#define FTRACE_FL_MODIFIED (1u << 19)	/* sticky: had a direct call or IPMODIFY */
#define FTRACE_FL_TOUCHED (1u << 20)	/* sticky: was ever enabled */
#define FTRACE_FL_DISABLED (1u << 25)	/* must not be touched */
#define FTRACE_FL_ENABLED (1u << 31)	/* the text calls something */
