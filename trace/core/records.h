/* SPDX-License-Identifier: MIT */
/*
 * The table of sites: groups of sorted 8-byte records, one for the kernel and one for each
 * module that has any, in address order. Made from the compiler's site sections. The ftrace
 * mutex guards it.
 */
#pragma once
#include "trace/ftrace.h"
#include "trace/kernel.h"

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

extern struct mutex ftrace_lock;	/* for whatever changes records, sets or filters */

struct ftrace_group {
	struct dyn_ftrace *recs;
	unsigned int nr;
	const char *module;		/* whose they are; NULL: the kernel's */
	struct ftrace_group *next;
};
extern struct ftrace_group *ftrace_groups;
extern unsigned int ftrace_nr_records;	/* in all groups */

static inline unsigned long dyn_ftrace_ip(const struct dyn_ftrace *rec)
{
	return (unsigned long)_text + (long)rec->offset;
}

/* The record of site @ip, or NULL; the one that is @index-th in address order. */
struct dyn_ftrace *ftrace_find_record(unsigned long ip);
struct dyn_ftrace *ftrace_record_at(unsigned int index);
/* As ftrace_location(), for who holds the lock. */
unsigned long ftrace_find_location(unsigned long ip);

/*
 * Records of the sites in @table (@nr entries as the compiler made them; sorted here), whose
 * functions must be symbols; each site gets its NOP form. The records are a group that nobody sees
 * until it is added. NULL: no memory; *dropped counts sites that are none.
 */
struct ftrace_group *ftrace_group_make(unsigned long *table, unsigned int nr,
				       unsigned int *dropped);
void ftrace_group_free(struct ftrace_group *group);	/* one that was not added; NULL is fine */
void ftrace_group_add(struct ftrace_group *group);
void ftrace_group_unlink(struct ftrace_group *group);	/* from now on it is not found */

/* Where a walk over all records is. */
struct ftrace_cursor {
	const struct ftrace_group *group;
	unsigned int next;
};

static inline struct dyn_ftrace *ftrace_next_record(struct ftrace_cursor *cursor)
{
	while (cursor->group && cursor->next == cursor->group->nr)
		*cursor = (struct ftrace_cursor){ cursor->group->next, 0 };
	return cursor->group ? &cursor->group->recs[cursor->next++] : NULL;
}

#define ftrace_for_each_record(cursor, rec)				\
	for ((cursor) = (struct ftrace_cursor){ ftrace_groups, 0 };	\
	     ((rec) = ftrace_next_record(&(cursor))) != NULL;)
