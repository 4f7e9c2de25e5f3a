/* SPDX-License-Identifier: MIT */
/*
 * The table of sites. It has groups of sorted 8-byte records, in address order: one group for the
 * kernel, and one for each module that has sites. The records are made from the compiler's tables
 * of sites. ftrace_lock guards all of it; every function here except dyn_ftrace_ip() is called with
 * it held, or at boot, before there is a second thread.
 */
#pragma once
#include "trace/ftrace.h"
#include "trace/kernel.h"

/* Each site has one record, of 8 bytes. */
struct dyn_ftrace {
	s32 offset;			/* site address - _text */
	u32 flags;			/* FTRACE_FL_* and the set's index */
};
#define FTRACE_FL_SET_MASK 0x0007ffffu
#define FTRACE_FL_MODIFIED (1u << 19)	/* stays set once it had a direct call or IPMODIFY */
#define FTRACE_FL_TOUCHED (1u << 20)	/* stays set once it was enabled */
#define FTRACE_FL_DISABLED (1u << 25)	/* must not be touched */
#define FTRACE_FL_ENABLED (1u << 31)	/* the text calls the set */

extern struct mutex ftrace_lock;	/* held by whoever changes records, sets or filters */

struct ftrace_group {
	struct dyn_ftrace *recs;
	unsigned int nr;
	const char *module;		/* the module that they belong to; NULL for the kernel */
	struct ftrace_group *next;
};
extern struct ftrace_group *ftrace_groups;
extern unsigned int ftrace_nr_records;	/* of records in all groups */

static inline unsigned long dyn_ftrace_ip(const struct dyn_ftrace *rec)
{
	return (unsigned long)_text + (long)rec->offset;
}

/*
 * find: returns the record of the site at @ip, or NULL. at: returns the record that is @index-th in
 * address order, or NULL past the end.
 */
struct dyn_ftrace *ftrace_find_record(unsigned long ip);
struct dyn_ftrace *ftrace_record_at(unsigned int index);
/* Does what ftrace_location() does, for a caller that holds the lock. */
unsigned long ftrace_find_location(unsigned long ip);

/*
 * Make records of the sites in @table, which are @nr entries as the compiler made them; the table
 * is sorted here. The function of each site must be a symbol. Each site gets its NOP form. The
 * records are in a group that nobody sees until it is added. Returns the group, or NULL if there is
 * no memory. *dropped counts the entries for which no record was made.
 */
struct ftrace_group *ftrace_group_make(unsigned long *table, unsigned int nr,
				       unsigned int *dropped);
void ftrace_group_free(struct ftrace_group *group);	/* before it is added; NULL does nothing */
void ftrace_group_add(struct ftrace_group *group);
void ftrace_group_unlink(struct ftrace_group *group);	/* its records are not found any more */
/* Returns the record of the site at @ip in @group, or NULL. */
struct dyn_ftrace *ftrace_group_find(const struct ftrace_group *group, unsigned long ip);

/* How far a walk over all records has come. */
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
