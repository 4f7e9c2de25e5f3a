/* SPDX-License-Identifier: MIT */
/*
 * Interned sets: there is one object for each distinct combination of things attached to a site,
 * and it is found by its contents. Records name a set by its index, which is how a record fits in 8
 * bytes. What a set does when it is called is in dispatch.c.
 */
#include "trace/core/set.h"
#include "trace/arch.h"
#include "trace/core/dispatch.h"
#include "trace/core/reclaim.h"
#include "trace/core/stub.h"
#include "trace/kernel.h"

#define FIRST_TABLE_SIZE 64

/*
 * The table doubles when it is full. A slot does two jobs that are independent of each other: it
 * has the set with its index, and it is the head of the list of sets with its hash.
 */
struct set_slot {
	struct ftrace_set *set;
	unsigned int next_free;		/* without a set: the next such slot; 0 = the last */
	struct ftrace_set *hashed;
};

static struct set_slot *set_slots;		/* [0] never has a set */
unsigned int ftrace_nr_set_slots;
static unsigned int first_free;
static LIST_HEAD(unused_sets);		/* those that no record names */

/* The contents by which a set is found: two sets differ in at least one of these. */
struct set_key {
	struct ftrace_ops **ops;
	unsigned int nr;
	struct ftrace_ops *direct_ops;
	unsigned long direct;
};

struct ftrace_set *ftrace_set_at(unsigned int index)
{
	return index ? set_slots[index].set : NULL;
}

static u32 key_hash(const struct set_key *key)
{
	u32 hash = (u32)key->direct * 31 + (u32)(unsigned long)key->direct_ops;
	unsigned int i;

	for (i = 0; i < key->nr; i++)
		hash = (hash ^ (u32)(unsigned long)key->ops[i]) * 0x9e3779b1u;
	return hash ^ hash >> 16;
}

static struct ftrace_set **hash_head(const struct set_key *key)
{
	return &set_slots[key_hash(key) & (ftrace_nr_set_slots - 1)].hashed;
}

static struct set_key key_of(const struct ftrace_set *set)
{
	return (struct set_key){ set->ops, set->nr_calls, set->direct_ops, set->direct };
}

static void hash_set(struct ftrace_set *set)
{
	const struct set_key key = key_of(set);
	struct ftrace_set **head = hash_head(&key);

	set->hash_next = *head;
	*head = set;
}

static struct ftrace_set *find_set(const struct set_key *key)
{
	struct ftrace_set *set = set_slots ? *hash_head(key) : NULL;

	for (; set; set = set->hash_next)
		if (set->nr_calls == key->nr && set->direct == key->direct &&
		    set->direct_ops == key->direct_ops &&
		    !memcmp(set->ops, key->ops, key->nr * sizeof(*key->ops)))
			return set;
	return NULL;
}

static struct set_slot *alloc_table(unsigned int size)
{
	size_t bytes = size * sizeof(*set_slots);
	struct set_slot *slots = bytes <= PAGE_SIZE ? kmalloc(bytes, GFP_KERNEL) : vmalloc(bytes);

	return slots ? memset(slots, 0, bytes) : NULL;
}

static void free_table(struct set_slot *slots, unsigned int size)
{
	if (size * sizeof(*slots) <= PAGE_SIZE)
		kfree(slots);
	else
		vfree(slots);
}

static int grow_table(void)
{
	unsigned int old_size = ftrace_nr_set_slots;
	unsigned int i, size = old_size ? old_size * 2 : FIRST_TABLE_SIZE;
	struct set_slot *old = set_slots, *bigger;

	if (size > FTRACE_FL_SET_MASK + 1)
		return -ENOMEM;
	bigger = alloc_table(size);
	if (!bigger)
		return -ENOMEM;
	for (i = 0; i < old_size; i++)
		bigger[i].set = old[i].set;
	set_slots = bigger;
	ftrace_nr_set_slots = size;
	/* A retired set stays out of the lists, so that nobody finds it. */
	for (i = 1; i < old_size; i++)
		if (set_slots[i].set && !(set_slots[i].set->flags & FTRACE_SET_RETIRED))
			hash_set(set_slots[i].set);
	/*
	 * Every old slot has a set; otherwise the table would not have to grow. Low indices are
	 * taken first.
	 */
	for (i = size; --i >= max(old_size, 1u);) {
		set_slots[i].next_free = first_free;
		first_free = i;
	}
	free_table(old, old_size);
	return 0;
}

static struct ftrace_callable *callable_of(struct ftrace_ops *ops)
{
	if (ops->flags & FTRACE_OPS_FL_STUB)
		return &ftrace_nothing;
	return ops->flags & FTRACE_OPS_FL_RECURSION ? &ops->assist : (struct ftrace_callable *)ops;
}

static void fill_set(struct ftrace_set *set, const struct set_key *key)
{
	unsigned int i;

	set->nr_calls = key->nr;
	set->nr_ops = key->nr + (key->direct_ops != NULL);
	set->direct = key->direct;
	set->direct_ops = key->direct_ops;
	/*
	 * Calls and ops are kept apart: a trampoline calls what may be another function than the
	 * ops' own (assist, nothing), while sets are compared by their ops.
	 */
	set->ops = (struct ftrace_ops **)&set->calls[key->nr + 1];
	for (i = 0; i < key->nr; i++) {
		struct ftrace_ops *ops = key->ops[i];

		set->ops[i] = ops;
		set->calls[key->nr - i] = callable_of(ops);
		if (FTRACE_HAVE_SAVE_REGS && ops->flags & FTRACE_OPS_FL_SAVE_REGS)
			set->flags |= FTRACE_SET_REGS;
		if (ops->flags & FTRACE_OPS_FL_IPMODIFY)
			set->flags |= FTRACE_SET_IPMODIFY;
	}
	set->call.func = ftrace_dispatch_func(key->nr, key->direct);
	set->target = &set->call;
	if (key->nr == 1 && !key->direct) {
		set->target = set->calls[1];
		if (set->target == &set->ops[0]->assist)
			set->flags |= FTRACE_SET_ASSIST;
	}
}

/*
 * Size in bytes of a set with @nr callbacks: it ends with the calls, their sentinel, and the ops.
 */
static size_t set_size(unsigned int nr)
{
	return sizeof(struct ftrace_set) + (2 * nr + 1) * sizeof(void *);
}

static struct ftrace_set *make_set(const struct set_key *key)
{
	struct ftrace_set *set = kzalloc(set_size(key->nr), GFP_KERNEL);

	if (!set)
		return NULL;
	fill_set(set, key);
	/* All that can fail comes before anybody can find the set. */
	if ((!first_free && grow_table()) || arch_ftrace_set_prepare(set)) {
		kfree(set);
		return NULL;
	}
	set->index = first_free;
	first_free = set_slots[set->index].next_free;
	set_slots[set->index].set = set;
	hash_set(set);
	list_add(&set->unused, &unused_sets);
	return set;
}

static int intern(const struct set_key *key, struct ftrace_set **result)
{
	*result = NULL;
	if (!key->nr && !key->direct)
		return 0;
	*result = find_set(key);
	if (!*result)
		*result = make_set(key);
	return *result ? 0 : -ENOMEM;
}

/* Make @key a copy of what @old has, with room for one more ops. */
static int copy_key(const struct ftrace_set *old, struct set_key *key)
{
	unsigned int nr = old ? old->nr_calls : 0;

	/* The ops are copied because a set must never change: threads may be running it. */
	*key = (struct set_key){ .nr = nr };
	key->ops = kmalloc((nr + 1) * sizeof(*key->ops), GFP_KERNEL);
	if (!key->ops)
		return -ENOMEM;
	if (old) {
		memcpy(key->ops, old->ops, nr * sizeof(*key->ops));
		key->direct = old->direct;
		key->direct_ops = old->direct_ops;
	}
	return 0;
}

/* Insert @ops in calling order, in which the latest registered comes first. */
static void key_insert(struct set_key *key, struct ftrace_ops *ops)
{
	unsigned int i = key->nr++;

	for (; i > 0 && key->ops[i - 1]->sequence < ops->sequence; i--)
		key->ops[i] = key->ops[i - 1];
	key->ops[i] = ops;
}

int ftrace_set_with(struct ftrace_set *old, struct ftrace_ops *ops, unsigned long direct,
		    struct ftrace_set **result)
{
	struct set_key key;
	int err;

	lockdep_assert_held(&ftrace_lock);
	if (old && ops->flags & FTRACE_OPS_FL_DIRECT && old->direct && old->direct_ops != ops)
		return -EBUSY;
	if (old && ops->flags & FTRACE_OPS_FL_IPMODIFY && old->flags & FTRACE_SET_IPMODIFY)
		return -EBUSY;
	err = copy_key(old, &key);
	if (err)
		return err;
	/* A direct function is no callback among others: it runs after all of them, once. */
	if (ops->flags & FTRACE_OPS_FL_DIRECT) {
		key.direct = direct;
		key.direct_ops = ops;
	} else {
		key_insert(&key, ops);
	}
	err = intern(&key, result);
	kfree(key.ops);
	return err;
}

int ftrace_set_without(struct ftrace_set *old, struct ftrace_ops *ops, struct ftrace_set **result)
{
	struct set_key key;
	unsigned int i, to = 0;
	int err;

	lockdep_assert_held(&ftrace_lock);
	err = copy_key(old, &key);
	if (err)
		return err;
	for (i = 0; i < key.nr; i++)
		if (key.ops[i] != ops)
			key.ops[to++] = key.ops[i];
	/* The rest keeps its order. A set of nothing is no set: intern() gives NULL for it. */
	key.nr = to;
	if (key.direct_ops == ops) {
		key.direct_ops = NULL;
		key.direct = 0;
	}
	err = intern(&key, result);
	kfree(key.ops);
	return err;
}

void ftrace_set_get(struct ftrace_set *set)
{
	lockdep_assert_held(&ftrace_lock);
	if (set && !set->nr_sites++)
		list_del(&set->unused);
}

void ftrace_set_put(struct ftrace_set *set)
{
	lockdep_assert_held(&ftrace_lock);
	if (set && !--set->nr_sites)
		list_add(&set->unused, &unused_sets);
}

/*
 * Make sure that @set is not found again. An unused set may have to stay for a while, but its ops
 * may be freed, and another ops with other wishes may soon have the same address.
 */
static void retire_set(struct ftrace_set *set)
{
	const struct set_key key = key_of(set);
	struct ftrace_set **link = hash_head(&key);

	if (set->flags & FTRACE_SET_RETIRED)
		return;
	while (*link != set)
		link = &(*link)->hash_next;
	*link = set->hash_next;
	set->flags |= FTRACE_SET_RETIRED;
}

static void free_set(struct ftrace_set *set)
{
	retire_set(set);
	arch_ftrace_set_release(set);
	set_slots[set->index].set = NULL;
	set_slots[set->index].next_free = first_free;
	first_free = set->index;
	list_del(&set->unused);
	kfree(set);
}

/*
 * Looking at all threads takes as long for one set as for many, so up to this many are searched for
 * at once.
 */
#define BATCH 32

static void free_unless_entered(struct ftrace_set **sets, unsigned int nr)
{
	static struct ftrace_range ranges[2 * BATCH];
	unsigned int i;

	/*
	 * A thread inside a set has the set's address, or one in its stub, on its stack or in a
	 * register that was saved there.
	 */
	for (i = 0; i < nr; i++) {
		unsigned long start = (unsigned long)sets[i], stub = sets[i]->stub;

		ranges[2 * i] =
			(struct ftrace_range){ start, start + set_size(sets[i]->nr_calls), false };
		ranges[2 * i + 1] =
			stub ? (struct ftrace_range){ stub, stub + FTRACE_STUB_SIZE, false }
			     : ranges[2 * i];
	}
	ftrace_find_mentioned(ranges, 2 * nr);
	for (i = 0; i < nr; i++) {
		if (!ranges[2 * i].mentioned && !ranges[2 * i + 1].mentioned)
			free_set(sets[i]);
	}
}

void ftrace_sets_reclaim(void)
{
	struct ftrace_set *batch[BATCH], *set, *next;
	unsigned int nr = 0;

	lockdep_assert_held(&ftrace_lock);
	list_for_each_entry_safe(set, next, &unused_sets, unused) {
		retire_set(set);
		batch[nr++] = set;
		/*
		 * Sets that have to stay for now are retired too, because their ops may be freed as
		 * soon as this returns.
		 */
		if (nr < BATCH && &next->unused != &unused_sets)
			continue;
		free_unless_entered(batch, nr);
		nr = 0;
	}
}
