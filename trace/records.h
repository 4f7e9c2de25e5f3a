/* SPDX-License-Identifier: MIT */
/*
 * The table of sites. One sorted array of 8-byte records; made at boot from the
 * compiler's site sections. The ftrace mutex guards it.
 */
#pragma once
#include "kernel/wait.h"
#include "trace/set.h"

extern struct mutex ftrace_lock;	/* serialises everything that changes sites, sets or filters */
extern char _text[];			/* the base of the records' offsets */

struct ftrace_records {
	struct dyn_ftrace *recs;
	unsigned int nr;
};
extern struct ftrace_records ftrace_records;

static inline unsigned long dyn_ftrace_ip(const struct dyn_ftrace *rec)
{
	return (unsigned long)_text + (long)rec->offset;
}

/* The record of site @ip, or NULL. */
struct dyn_ftrace *ftrace_find_record(unsigned long ip);

static inline struct ftrace_set *dyn_ftrace_set(const struct dyn_ftrace *rec)
{
	return ftrace_set_at(rec->flags & FTRACE_FL_SET_MASK);
}

#define ftrace_for_each_record(rec)						\
	for ((rec) = ftrace_records.recs;					\
	     (rec) < ftrace_records.recs + ftrace_records.nr; (rec)++)
