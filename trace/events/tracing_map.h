/* SPDX-License-Identifier: MIT */
/*
 * A table that counts by keys, in any context and on all CPUs, without a lock. All of its elements
 * are allocated beforehand, and none is ever taken out:
 *
 *	slots[hash(key) ...] --> element: | key | sums | extra |
 *
 * Each context of each CPU has a spare element, in which it builds a key. If the table has none
 * with that key, the spare one becomes an element of the table by one exchange of an empty slot,
 * and the context gets another spare one. Whoever finds the slot taken meanwhile looks at what is
 * there now. So a key is in the table once, and what interrupts this at any place finds it whole.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

#define TRACING_MAP_BITS_DEFAULT 11
#define TRACING_MAP_BITS_MIN 7
#define TRACING_MAP_BITS_MAX 17
#define TRACING_MAP_CONTEXTS 3		/* thread, interrupt, NMI */

struct tracing_map_elt {
	u32 hash;
	u64 words[] __aligned(8);	/* the key, the sums, and what the owner keeps there */
};

struct tracing_map {
	unsigned int bits;		/* 1 << bits elements at most */
	unsigned int shift, mask;	/* of a hash, and of an index into slots */
	unsigned int key_words, nr_sums, extra_words;
	bool paused;			/* nothing is to be added; for the owner */
	unsigned int users;		/* the same */
	unsigned int nr_elts;		/* in the table */
	unsigned int next;		/* the first element that was never a spare one */
	unsigned int drops;		/* what found no room; wraps after 2^32 */
	size_t elt_size;
	char *elts;
	struct tracing_map_elt *spare[NR_CPUS][TRACING_MAP_CONTEXTS];
	struct tracing_map_elt *slots[];	/* two for each element */
};

/* Returns an empty table, or NULL. Thread context. */
struct tracing_map *tracing_map_create(unsigned int bits, unsigned int key_words,
				       unsigned int nr_sums, unsigned int extra_words);
void tracing_map_destroy(struct tracing_map *map);	/* NULL is allowed */
/* Make it empty. Nobody else uses it. */
void tracing_map_clear(struct tracing_map *map);

/*
 * Returns an element in which the caller fills in the key and what it keeps beside the sums; NULL,
 * and the hit is counted as dropped, if this context builds a key already. Then insert returns the
 * table's element of this key, or NULL, and the hit is counted as dropped, if there is no room for
 * another one. Any context, preemption off from one to the other; untraced.
 */
struct tracing_map_elt *tracing_map_begin(struct tracing_map *map);
struct tracing_map_elt *tracing_map_insert(struct tracing_map *map, struct tracing_map_elt *elt);

/* Count a hit that found no room. Any context, untraced. */
void tracing_map_drop(struct tracing_map *map);

/* Each half counts: what is negative differs in the upper one as well. */
static __always_inline u32 tracing_map_hash_word(u32 hash, u64 word)
{
	return (hash ^ (u32)word ^ (u32)(word >> 32) << 7) * 0x9e3779b1u;
}

/* The same as both above for a key of one word that is in the table already; else NULL. */
static __always_inline struct tracing_map_elt *tracing_map_find_word(const struct tracing_map *map,
								     u64 key)
{
	unsigned int at = tracing_map_hash_word(0, key) >> map->shift;
	struct tracing_map_elt *elt;

	while ((elt = smp_load_acquire(&map->slots[at])) && elt->words[0] != key)
		at = (at + 1) & map->mask;
	return elt;
}

static __always_inline u64 *tracing_map_sums(const struct tracing_map *map,
					     struct tracing_map_elt *elt)
{
	return elt->words + map->key_words;
}

static __always_inline u64 *tracing_map_extra(const struct tracing_map *map,
					      struct tracing_map_elt *elt)
{
	return elt->words + map->key_words + map->nr_sums;
}

static __always_inline void tracing_map_add(u64 *sum, u64 value)
{
	__atomic_fetch_add(sum, value, __ATOMIC_RELAXED);
}

/*
 * A copy of what is in the table, while others add to it: each sum is one that it had. Returns the
 * number of elements, and in *@elts an array of pointers to the copies, which vfree() frees; or
 * -ENOMEM. Elements that come meanwhile may be in it or not. Thread context.
 */
int tracing_map_copy(struct tracing_map *map, struct tracing_map_elt ***elts);
