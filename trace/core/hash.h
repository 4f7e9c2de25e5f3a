/* SPDX-License-Identifier: MIT */
/*
 * Sets of site addresses: the filters of an ftrace_ops. Open addressing with a
 * load of at most one half, so a lookup touches one or two words. Not locked: a
 * hash belongs to its editor until it is installed, and is constant from then on.
 */
#pragma once
#include "trace/ftrace.h"
#include "trace/kernel.h"

struct ftrace_hash {
	unsigned int bits;	/* 1 << bits slots */
	unsigned int count;
	bool emptied;		/* by modules: without entries it is a list of none, for good */
	unsigned long *slots;	/* 0 = free */
	unsigned long *directs;	/* a direct function for each slot, 0 = the ops'; NULL: no own */
	struct ftrace_pattern *patterns;	/* wait for modules to come */
	/* What it replaces, until that is certain: ftrace_filters_resolved(). */
	struct ftrace_hash *before;
};

/* "GLOB:mod:MODULE", written when no such module was there. It acts once, when the module comes. */
struct ftrace_pattern {
	struct ftrace_pattern *next;
	char text[];
};
unsigned int ftrace_hash_count(const struct ftrace_hash *hash);	/* NULL: none */
bool ftrace_hash_contains(const struct ftrace_hash *hash, unsigned long ip);	/* NULL: false */
/* The @n-th pattern that waits for a module; NULL if there are not so many. */
const char *ftrace_hash_pattern(const struct ftrace_hash *hash, unsigned int n);

/* 0 or -ENOMEM. A pattern that is there already is fine. */
int ftrace_hash_add_pattern(struct ftrace_hash *hash, const char *text, size_t len);
/* Free the pattern at @link, and make that the next one. */
void ftrace_hash_drop_pattern(struct ftrace_pattern **link);
/* 0, -ENOMEM, or -EINVAL: 0 is no address. Adding twice is fine. */
int ftrace_hash_add(struct ftrace_hash *hash, unsigned long ip);
/* The direct function that @ip has of its own in @hash (NULL is fine); 0: none. */
unsigned long ftrace_hash_direct(const struct ftrace_hash *hash, unsigned long ip);
void ftrace_hash_drop_directs(struct ftrace_hash *hash);	/* NULL is fine */
/* 0 or -ENOENT. */
int ftrace_hash_remove(struct ftrace_hash *hash, unsigned long ip);

/*
 * A filter that is none: it lists nothing because nobody has asked for anything. One that waits for
 * a module, or has lost a function to one that went, never is: that would be everything.
 */
static inline bool ftrace_hash_is_empty(const struct ftrace_hash *hash)
{
	return !hash || (!hash->count && !hash->patterns && !hash->emptied);
}

/* Would an ops with these filters be called at @ip? */
static inline bool ftrace_filters_match(const struct ftrace_hash *filter,
					const struct ftrace_hash *exclude, unsigned long ip)
{
	return (ftrace_hash_is_empty(filter) || ftrace_hash_contains(filter, ip)) &&
	       !(exclude && ftrace_hash_contains(exclude, ip));
}

#define ftrace_hash_for_each(ip, i, hash)				\
	for ((i) = 0; (hash) && (i) < 1u << (hash)->bits; (i)++)	\
		if (((ip) = (hash)->slots[i]) != 0)
