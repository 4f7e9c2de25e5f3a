/* SPDX-License-Identifier: MIT */
/*
 * Sets of site addresses: the filters of an ftrace_ops. They are hash tables with open addressing
 * in which at most half of the slots are used, so that a lookup reads one or two words. There is no
 * lock: a hash belongs to whoever edits it until it is installed as a filter, and does not change
 * from then on, except under ftrace_lock when a module goes.
 */
#pragma once
#include "trace/ftrace.h"
#include "trace/kernel.h"

struct ftrace_hash {
	unsigned int bits;	/* 1 << bits slots */
	unsigned int count;
	unsigned int as_of;	/* ftrace_nr_forgotten when every entry was a site */
	bool emptied;		/* lost functions with a module: even without entries a filter */
	unsigned long *slots;	/* 0 = free */
	unsigned long *directs;	/* direct function of each slot; 0 or NULL: that of the ops */
	struct ftrace_pattern *patterns;	/* those that wait for a module */
	/*
	 * The filter that this one replaces, as long as that can be undone: see
	 * ftrace_filters_resolved().
	 */
	struct ftrace_hash *before;
};

/* How often sites have gone. May be read at any time; ftrace_forget_sites() counts. */
extern unsigned int ftrace_nr_forgotten;

/*
 * A pattern "GLOB:mod:MODULE" that was written when there was no such module. It is applied once,
 * when the module comes.
 */
struct ftrace_pattern {
	struct ftrace_pattern *next;
	char text[];
};
unsigned int ftrace_hash_count(const struct ftrace_hash *hash);	/* 0 for NULL */
/*
 * Returns the @n-th pattern that waits for a module, or NULL if there are not so many. @hash may be
 * NULL.
 */
const char *ftrace_hash_pattern(const struct ftrace_hash *hash, unsigned int n);

/* Returns 0 or -ENOMEM. Does nothing if the pattern is there already. */
int ftrace_hash_add_pattern(struct ftrace_hash *hash, const char *text, size_t len);
/* Free the pattern that *@link points to. Afterwards *@link is the pattern that came after it. */
void ftrace_hash_drop_pattern(struct ftrace_pattern **link);
/* Returns 0, also if @ip is there already; -ENOMEM; or -EINVAL if @ip is 0. */
int ftrace_hash_add(struct ftrace_hash *hash, unsigned long ip);
/*
 * Returns the direct function that @hash has for @ip alone, or 0 if there is none. @hash may be
 * NULL.
 */
unsigned long ftrace_hash_direct(const struct ftrace_hash *hash, unsigned long ip);
void ftrace_hash_drop_directs(struct ftrace_hash *hash);	/* NULL does nothing */
/* Returns 0, or -ENOENT if @ip is not in @hash. */
int ftrace_hash_remove(struct ftrace_hash *hash, unsigned long ip);

/*
 * Is @hash no filter at all? Such a hash lists nothing because nobody has asked for anything, and
 * it matches every function. A hash that waits for a module, or that lost its functions with one,
 * is a filter even without entries: treating it as none would trace everything.
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
