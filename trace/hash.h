/* SPDX-License-Identifier: MIT */
/*
 * Sets of site addresses: the filters of an ftrace_ops. Open addressing with a
 * load of at most one half, so a lookup touches one or two words. Not locked: a
 * hash belongs to its editor until it is installed, and is constant from then on.
 */
#pragma once
#include "kernel/types.h"
#include "trace/ftrace.h"

struct ftrace_hash {
	unsigned int bits;		/* 1 << bits slots */
	unsigned int count;
	bool selective;			/* with no entries it means "nothing", not "everything" */
	unsigned long *slots;		/* 0 = free */
	unsigned long *directs;		/* a direct function for each slot, 0 = the ops'; NULL = no own */
	struct ftrace_pattern *patterns;	/* wait for modules to come */
};

/* "GLOB:mod:MODULE", written when no such module was there. */
struct ftrace_pattern {
	struct ftrace_pattern *next;
	char text[];
};
/* 0 or -ENOMEM. A pattern that is there already is fine; remove: -ENOENT. */
int ftrace_hash_add_pattern(struct ftrace_hash *hash, const char *text, size_t len);
int ftrace_hash_remove_pattern(struct ftrace_hash *hash, const char *text, size_t len);

/* 0, -ENOMEM, or -EINVAL: 0 is no address. Adding twice is fine. */
int ftrace_hash_add(struct ftrace_hash *hash, unsigned long ip);
/* The direct function that @ip has of its own in @hash (NULL is fine); 0: none. */
unsigned long ftrace_hash_direct(const struct ftrace_hash *hash, unsigned long ip);
void ftrace_hash_drop_directs(struct ftrace_hash *hash);	/* NULL is fine */
/* 0 or -ENOENT. */
int ftrace_hash_remove(struct ftrace_hash *hash, unsigned long ip);

static inline bool ftrace_hash_empty(const struct ftrace_hash *hash)
{
	return !hash || (!hash->count && !hash->selective);
}

/* Would an ops with these filters be called at @ip? */
static inline bool ftrace_filters_match(const struct ftrace_hash *filter,
					const struct ftrace_hash *exclude, unsigned long ip)
{
	return (ftrace_hash_empty(filter) || ftrace_hash_contains(filter, ip)) &&
	       !(exclude && ftrace_hash_contains(exclude, ip));
}

#define ftrace_hash_for_each(ip, i, hash)				\
	for ((i) = 0; (hash) && (i) < 1u << (hash)->bits; (i)++)	\
		if (((ip) = (hash)->slots[i]) != 0)
