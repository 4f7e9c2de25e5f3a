/* SPDX-License-Identifier: MIT */
/* The table of histograms (tracing_map.h). */
#include "trace/events/tracing_map.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"

static struct tracing_map_elt *elt_at(const struct tracing_map *map, unsigned int n)
{
	return (void *)(map->elts + n * map->elt_size);
}

static unsigned int max_elts(const struct tracing_map *map)
{
	return 1u << map->bits;
}

/* Beside those of the table there is a spare one for each context. */
static size_t bytes_of_elts(const struct tracing_map *map)
{
	return (max_elts(map) + nr_cpus_online * TRACING_MAP_CONTEXTS) * map->elt_size;
}

static size_t bytes_of_map(unsigned int bits)
{
	return sizeof(struct tracing_map) + (sizeof(void *) << (bits + 1));
}

static void deal_spares(struct tracing_map *map)
{
	unsigned int cpu, context;

	map->next = 0;
	for_each_online_cpu(cpu) {
		for (context = 0; context < TRACING_MAP_CONTEXTS; context++)
			map->spare[cpu][context] = elt_at(map, map->next++);
	}
}

struct tracing_map *tracing_map_create(unsigned int bits, unsigned int key_words,
				       unsigned int nr_sums, unsigned int extra_words)
{
	struct tracing_map *map = vzalloc(bytes_of_map(bits));

	if (!map)
		return NULL;
	map->bits = bits;
	/* The upper bits of a product are the good ones; there are two slots for each element. */
	map->shift = 32 - (bits + 1);
	map->mask = (2u << bits) - 1;
	map->key_words = key_words;
	map->nr_sums = nr_sums;
	map->extra_words = extra_words;
	map->elt_size = ALIGN_UP(sizeof(struct tracing_map_elt), sizeof(u64)) +
			(key_words + nr_sums + extra_words) * sizeof(u64);
	map->elts = vzalloc(bytes_of_elts(map));
	if (!map->elts) {
		vfree(map);
		return NULL;
	}
	deal_spares(map);
	return map;
}

void tracing_map_destroy(struct tracing_map *map)
{
	if (map)
		vfree(map->elts);
	vfree(map);
}

void tracing_map_clear(struct tracing_map *map)
{
	memset(map->slots, 0, sizeof(void *) << (map->bits + 1));
	memset(map->elts, 0, bytes_of_elts(map));
	map->nr_elts = 0;
	map->drops = 0;
	deal_spares(map);
}

static struct tracing_map_elt **spare_of_context(struct tracing_map *map)
{
	unsigned int count = preempt_count();
	unsigned int context = count & NMI_MASK ? 2 : count & HARDIRQ_MASK ? 1 : 0;

	assert_preempt_off();
	return &map->spare[smp_processor_id()][context];
}

void tracing_map_drop(struct tracing_map *map)
{
	__atomic_fetch_add(&map->drops, 1, __ATOMIC_RELAXED);
}

struct tracing_map_elt *tracing_map_begin(struct tracing_map *map)
{
	struct tracing_map_elt **spare = spare_of_context(map), *elt = READ_ONCE(*spare);

	/*
	 * What reads a text by its address may fault, and what handles that may have an event: it
	 * finds none here.
	 */
	WRITE_ONCE(*spare, NULL);
	if (!elt)
		tracing_map_drop(map);
	return elt;
}

static bool is_same(const struct tracing_map *map, const struct tracing_map_elt *a,
		    const struct tracing_map_elt *b)
{
	return a->hash == b->hash &&
	       !memcmp(a->words, b->words, map->key_words * sizeof(a->words[0]));
}

/* Returns the element with the key, or NULL with the place of the empty slot where it belongs. */
static struct tracing_map_elt *find(struct tracing_map *map, const struct tracing_map_elt *elt,
				    unsigned int *at)
{
	struct tracing_map_elt *there;

	while ((there = smp_load_acquire(&map->slots[*at])) && !is_same(map, there, elt))
		*at = (*at + 1) & map->mask;
	return there;
}

/*
 * Put the element where it belongs, and return it; or the one with its key that came there first;
 * or NULL: the table is full.
 */
static struct tracing_map_elt *add(struct tracing_map *map, struct tracing_map_elt *elt,
				   unsigned int at)
{
	struct tracing_map_elt *there = NULL;

	/* Counted before it is there, so that there are never too many. */
	if (__atomic_fetch_add(&map->nr_elts, 1, __ATOMIC_RELAXED) >= max_elts(map)) {
		__atomic_fetch_sub(&map->nr_elts, 1, __ATOMIC_RELAXED);
		tracing_map_drop(map);
		return NULL;
	}
	while (!__atomic_compare_exchange_n(&map->slots[at], &there, elt, false, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED)) {
		there = find(map, elt, &at);
		if (there) {
			__atomic_fetch_sub(&map->nr_elts, 1, __ATOMIC_RELAXED);
			return there;
		}
	}
	return elt;
}

struct tracing_map_elt *tracing_map_insert(struct tracing_map *map, struct tracing_map_elt *elt)
{
	struct tracing_map_elt *there;
	unsigned int at;

	elt->hash = 0;
	for (unsigned int i = 0; i < map->key_words; i++)
		elt->hash = tracing_map_hash_word(elt->hash, elt->words[i]);
	at = elt->hash >> map->shift;
	there = find(map, elt, &at);
	if (!there)
		there = add(map, elt, at);
	/* As many are spare as there are contexts, so there is one more for this context. */
	if (there == elt)
		elt = elt_at(map, __atomic_fetch_add(&map->next, 1, __ATOMIC_RELAXED));
	WRITE_ONCE(*spare_of_context(map), elt);
	return there;
}

static void copy_elt(const struct tracing_map *map, struct tracing_map_elt *to,
		     struct tracing_map_elt *from)
{
	u64 *sums = tracing_map_sums(map, from);

	memcpy(to->words, from->words, map->key_words * sizeof(u64));
	/* Read by an operation that adds nothing, because a plain one may be made of two halves. */
	for (unsigned int i = 0; i < map->nr_sums; i++)
		tracing_map_sums(map, to)[i] = __atomic_fetch_add(&sums[i], 0, __ATOMIC_RELAXED);
	memcpy(tracing_map_extra(map, to), tracing_map_extra(map, from),
	       map->extra_words * sizeof(u64));
}

/* Returns the number of elements, which is more than @max if there was no room for the last one. */
static unsigned int copy_elts(struct tracing_map *map, struct tracing_map_elt **elts,
			      unsigned int max)
{
	char *copies = (char *)elts + ALIGN_UP(max * sizeof(void *), sizeof(u64));
	unsigned int nr = 0;

	for (unsigned int at = 0; at <= map->mask && nr <= max; at++) {
		struct tracing_map_elt *elt = smp_load_acquire(&map->slots[at]);

		if (elt && nr < max) {
			elts[nr] = (void *)(copies + nr * map->elt_size);
			copy_elt(map, elts[nr], elt);
		}
		nr += elt != NULL;
	}
	return nr;
}

int tracing_map_copy(struct tracing_map *map, struct tracing_map_elt ***elts)
{
	unsigned int nr, max;

	do {
		/* Some may come while this is done: only if they are many, it is done again. */
		max = min(READ_ONCE(map->nr_elts) + 16, max_elts(map));
		*elts = vmalloc(ALIGN_UP(max * sizeof(void *), sizeof(u64)) + max * map->elt_size);
		if (!*elts)
			return -ENOMEM;
		nr = copy_elts(map, *elts, max);
		if (nr > max)
			vfree(*elts);
	} while (nr > max);
	return (int)nr;
}
