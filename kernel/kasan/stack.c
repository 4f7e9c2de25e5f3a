/* SPDX-License-Identifier: MIT */
/*
 * Who allocated or freed something: stacks, each kept once. There are few different ones, and what
 * is kept stays, so a word is enough to name a stack.
 */
#include "kernel/bug.h"
#include "kernel/kasan/kasan_internal.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm_internal.h"
#include "kernel/printk.h"
#include "kernel/sched/spinlock.h"
#include "kernel/unwind.h"

#define DEPTH 12
#define NR_BUCKETS 1024			/* a power of two */
#define DEPOT_SHARE 256u		/* of all memory */

struct kept_stack {
	u32 next;			/* in its bucket; 0: the last */
	u32 hash;
	unsigned int nr;
	unsigned long pcs[];
};

static char *depot;			/* a stack's number is where it lies in here */
static u32 depot_size, depot_used;
static u32 buckets[NR_BUCKETS];
static DEFINE_SPINLOCK(depot_lock);

static struct kept_stack *stack_at(u32 number)
{
	return (struct kept_stack *)(depot + number);
}

static u32 hash_of(const unsigned long *pcs, unsigned int nr)
{
	u32 hash = nr;

	while (nr--)
		hash = (hash ^ (u32)pcs[nr]) * 0x9e3779b1u;
	return hash ^ hash >> 15;
}

/* The number of a stack, 0 if there is no room for it. */
static u32 keep(const unsigned long *pcs, unsigned int nr)
{
	u32 hash = hash_of(pcs, nr), *bucket = &buckets[hash % NR_BUCKETS], number;
	size_t size = sizeof(struct kept_stack) + nr * sizeof(pcs[0]);
	struct kept_stack *stack;

	lockdep_assert_held(&depot_lock);
	for (number = *bucket; number; number = stack->next) {
		stack = stack_at(number);
		if (stack->hash == hash && stack->nr == nr &&
		    !memcmp(stack->pcs, pcs, nr * sizeof(pcs[0])))
			return number;
	}
	/* Nothing is ever given back: the same few hundred stacks come again and again. */
	if (size > depot_size - depot_used)
		return 0;
	number = depot_used;
	depot_used += (u32)ALIGN_UP(size, sizeof(long));
	stack = stack_at(number);
	*stack = (struct kept_stack){ .next = *bucket, .hash = hash, .nr = nr };
	memcpy(stack->pcs, pcs, nr * sizeof(pcs[0]));
	*bucket = number;
	return number;
}

noinline struct kasan_track kasan_track(void)
{
	struct kasan_track track = { .pid = current->pid };
	unsigned long pcs[DEPTH], flags;
	struct unwind_state state;
	unsigned int nr = 0;

	if (!depot)
		return track;
	arch_unwind_start(&state, current, NULL);
	/* The first frame is this function's own. */
	arch_unwind_step(&state);
	while (nr < DEPTH && arch_unwind_step(&state))
		pcs[nr++] = state.pc;
	spin_lock_irqsave(&depot_lock, flags);
	track.stack = keep(pcs, nr);
	spin_unlock_irqrestore(&depot_lock, flags);
	return track;
}

unsigned int kasan_stack(const struct kasan_track *track, const unsigned long **pcs)
{
	const struct kept_stack *stack = stack_at(track->stack);

	if (!track->stack)
		return 0;
	*pcs = stack->pcs;
	return stack->nr;
}

void kasan_show_track(const char *what, const struct kasan_track *track)
{
	const unsigned long *pcs;
	unsigned int nr = kasan_stack(track, &pcs);

	if (nr)
		pr_emerg("%s by thread %d:\n", what, (int)track->pid);
	for (unsigned int i = 0; i < nr; i++)
		pr_emerg(" [<%p>] %pS\n", (void *)pcs[i], (void *)pcs[i]);
}

__init void kasan_stack_init(void)
{
	unsigned int order = 2;
	struct mm_stats stats;

	mm_get_stats(&stats);
	while (order < MAX_ORDER && DEPOT_SHARE << order < stats.total_pages)
		order++;
	depot = get_free_pages(order);
	if (!depot)
		panic("KASAN: too little memory for stacks");
	depot_size = (u32)(PAGE_SIZE << order);
	kasan_unpoison((unsigned long)depot, depot_size);	/* for kasan_stack()'s callers */
	depot_used = sizeof(long);	/* 0 is no stack's number */
}
