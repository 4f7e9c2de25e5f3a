/* SPDX-License-Identifier: MIT */
/*
 * The container in which filters are kept; see trace/core/hash.h. What patterns mean is in
 * pattern.c.
 */
#include "trace/core/hash.h"
#include "trace/kernel.h"

#define MIN_BITS 2

unsigned int ftrace_nr_forgotten;

static unsigned int home_slot(const struct ftrace_hash *hash, unsigned long ip)
{
	return ((u32)ip * 0x9e3779b1u) >> (32 - hash->bits);
}

static unsigned int next_slot(const struct ftrace_hash *hash, unsigned int slot)
{
	return (slot + 1) & ((1u << hash->bits) - 1);
}

/* The slot that holds @ip, or the free one where it would go. */
static unsigned int find_slot(const struct ftrace_hash *hash, unsigned long ip)
{
	unsigned int slot = home_slot(hash, ip);

	while (hash->slots[slot] && hash->slots[slot] != ip)
		slot = next_slot(hash, slot);
	return slot;
}

static struct ftrace_hash *hash_alloc(unsigned int bits)
{
	struct ftrace_hash *hash = kzalloc(sizeof(*hash), GFP_KERNEL);

	if (!hash)
		return NULL;
	hash->bits = bits;
	hash->slots = kcalloc(1u << bits, sizeof(*hash->slots), GFP_KERNEL);
	if (!hash->slots) {
		kfree(hash);
		return NULL;
	}
	return hash;
}

static int need_directs(struct ftrace_hash *hash)
{
	if (!hash->directs)
		hash->directs = kcalloc(1u << hash->bits, sizeof(*hash->directs), GFP_KERNEL);
	return hash->directs ? 0 : -ENOMEM;
}

struct ftrace_hash *ftrace_hash_copy(const struct ftrace_hash *hash)
{
	unsigned int as_of = hash ? hash->as_of : READ_ONCE(ftrace_nr_forgotten);
	struct ftrace_hash *copy = hash_alloc(hash ? hash->bits : MIN_BITS);

	if (copy)
		copy->as_of = as_of;
	if (copy && hash) {
		const struct ftrace_pattern *p;

		/*
		 * The copy has the same size, so each entry keeps its slot and nothing has to be
		 * hashed again.
		 */
		memcpy(copy->slots, hash->slots, sizeof(*hash->slots) << hash->bits);
		if (hash->directs && need_directs(copy)) {
			ftrace_hash_free(copy);
			return NULL;
		}
		if (hash->directs)
			memcpy(copy->directs, hash->directs, sizeof(*hash->directs) << hash->bits);
		copy->count = hash->count;
		copy->emptied = hash->emptied;
		for (p = hash->patterns; p; p = p->next) {
			if (ftrace_hash_add_pattern(copy, p->text, strlen(p->text))) {
				ftrace_hash_free(copy);
				return NULL;
			}
		}
	}
	return copy;
}

static struct ftrace_pattern **find_pattern(struct ftrace_hash *hash, const char *text, size_t len)
{
	struct ftrace_pattern **link = &hash->patterns;

	while (*link && (strncmp((*link)->text, text, len) || (*link)->text[len]))
		link = &(*link)->next;
	return link;
}

int ftrace_hash_add_pattern(struct ftrace_hash *hash, const char *text, size_t len)
{
	struct ftrace_pattern **link = find_pattern(hash, text, len);

	if (*link)
		return 0;
	*link = kzalloc(sizeof(**link) + len + 1, GFP_KERNEL);
	if (!*link)
		return -ENOMEM;
	memcpy((*link)->text, text, len);
	return 0;
}

void ftrace_hash_drop_pattern(struct ftrace_pattern **link)
{
	struct ftrace_pattern *p = *link;

	*link = p->next;
	kfree(p);
}

static void free_patterns(struct ftrace_hash *hash)
{
	while (hash->patterns)
		ftrace_hash_drop_pattern(&hash->patterns);
}

void ftrace_hash_free(struct ftrace_hash *hash)
{
	if (!hash)
		return;
	free_patterns(hash);
	kfree(hash->directs);
	kfree(hash->slots);
	kfree(hash);
}

unsigned int ftrace_hash_count(const struct ftrace_hash *hash)
{
	return hash ? hash->count : 0;
}

const char *ftrace_hash_pattern(const struct ftrace_hash *hash, unsigned int n)
{
	const struct ftrace_pattern *p = hash ? hash->patterns : NULL;

	while (p && n--)
		p = p->next;
	return p ? p->text : NULL;
}

bool ftrace_hash_contains(const struct ftrace_hash *hash, unsigned long ip)
{
	return hash && ip && hash->slots[find_slot(hash, ip)] == ip;
}

/*
 * Put the entry in slot @from of @old into the slot of @hash where it belongs. Both may be the same
 * hash.
 */
static void put_entry(struct ftrace_hash *hash, const struct ftrace_hash *old, unsigned int from)
{
	unsigned long ip = old->slots[from], direct = old->directs ? old->directs[from] : 0;
	unsigned int slot;

	if (old == hash)
		hash->slots[from] = 0;
	slot = find_slot(hash, ip);
	hash->slots[slot] = ip;
	if (hash->directs)
		hash->directs[slot] = direct;
}

static int hash_grow(struct ftrace_hash *hash)
{
	struct ftrace_hash bigger = *hash;
	unsigned long ip;
	unsigned int i;

	/*
	 * The old arrays stay whole until everything has moved, so that nothing is lost if there is
	 * no memory.
	 */
	bigger.bits++;
	bigger.directs = NULL;
	bigger.slots = kcalloc(1u << bigger.bits, sizeof(*bigger.slots), GFP_KERNEL);
	if (!bigger.slots)
		return -ENOMEM;
	if (hash->directs && need_directs(&bigger)) {
		kfree(bigger.slots);
		return -ENOMEM;
	}
	ftrace_hash_for_each(ip, i, hash)
		put_entry(&bigger, hash, i);
	kfree(hash->directs);
	kfree(hash->slots);
	*hash = bigger;
	return 0;
}

int ftrace_hash_add(struct ftrace_hash *hash, unsigned long ip)
{
	if (!ip)
		return -EINVAL;		/* 0 marks a free slot, and no site has that address */
	if (ftrace_hash_contains(hash, ip))
		return 0;
	if ((hash->count + 1) * 2 > 1u << hash->bits) {
		int err = hash_grow(hash);

		if (err)
			return err;
	}
	hash->slots[find_slot(hash, ip)] = ip;
	if (hash->directs)
		hash->directs[find_slot(hash, ip)] = 0;
	hash->count++;
	return 0;
}

int ftrace_hash_add_direct(struct ftrace_hash *hash, unsigned long ip, unsigned long addr)
{
	int err = need_directs(hash);

	if (!err)
		err = ftrace_hash_add(hash, ip);
	if (!err)
		hash->directs[find_slot(hash, ip)] = addr;
	return err;
}

void ftrace_hash_drop_directs(struct ftrace_hash *hash)
{
	if (!hash)
		return;
	kfree(hash->directs);
	hash->directs = NULL;
}

unsigned long ftrace_hash_direct(const struct ftrace_hash *hash, unsigned long ip)
{
	unsigned int slot;

	if (!hash || !hash->directs)
		return 0;
	slot = find_slot(hash, ip);
	return hash->slots[slot] ? hash->directs[slot] : 0;
}

int ftrace_hash_remove(struct ftrace_hash *hash, unsigned long ip)
{
	unsigned int slot = find_slot(hash, ip);

	if (!hash->slots[slot])
		return -ENOENT;
	hash->slots[slot] = 0;
	hash->count--;
	/* Entries behind the gap may have been pushed past it: put each where it belongs now. */
	for (slot = next_slot(hash, slot); hash->slots[slot]; slot = next_slot(hash, slot))
		put_entry(hash, hash, slot);
	return 0;
}
