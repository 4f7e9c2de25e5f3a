/* SPDX-License-Identifier: MIT */
/* Sorting and searching: arrays of each small length, in any order, with equal elements. */
#include "kernel/lib/sort.h"
#include "tests/host/tap.h"

struct item {
	u32 key;
	u32 copy;		/* a copy of key: elements move in one piece */
	u8 odd;			/* makes the size no power of two */
};

static unsigned int nr_swaps;

static int compare(const void *a, const void *b)
{
	u32 first = ((const struct item *)a)->key, second = ((const struct item *)b)->key;

	return (first > second) - (first < second);
}

static int compare_key(const void *key, const void *element)
{
	u32 wanted = *(const u32 *)key, have = ((const struct item *)element)->key;

	return (wanted > have) - (wanted < have);
}

static void swap_items(void *a, void *b, int size)
{
	struct item *left = a, *right = b, tmp = *left;

	EXPECT_EQ(size, (int)sizeof(tmp));
	*left = *right;
	*right = tmp;
	nr_swaps++;
}

static void fill(struct item *items, unsigned int nr, u32 limit)
{
	for (unsigned int i = 0; i < nr; i++) {
		u32 key = 2 * tap_below(limit);

		items[i] = (struct item){ key, ~key, 7 };
	}
}

static u64 sum(const struct item *items, unsigned int nr)
{
	u64 total = 0;

	for (unsigned int i = 0; i < nr; i++)
		total += 1ull << items[i].key % 61;
	return total;
}

TEST(any_order)
{
	struct item items[70];

	for (unsigned int nr = 0; nr < ARRAY_SIZE(items); nr++) {
		for (u32 limit = 1; limit < 200; limit *= 3) {
			u64 before;

			fill(items, nr, limit);
			before = sum(items, nr);
			sort(items, nr, sizeof(items[0]), compare, limit % 2 ? NULL : swap_items);
			EXPECT(sum(items, nr) == before);
			for (unsigned int i = 0; i < nr; i++)
				EXPECT(items[i].copy == ~items[i].key && items[i].odd == 7 &&
				       (!i || items[i - 1].key <= items[i].key));
		}
	}
}

static int compare_longs(const void *a, const void *b)
{
	unsigned long first = *(const unsigned long *)a, second = *(const unsigned long *)b;

	return (first > second) - (first < second);
}

/*
 * Whole words are exchanged as such. The elements are pairs, so that one word of an element could
 * be forgotten.
 */
TEST(words)
{
	unsigned long pairs[50][2];

	for (unsigned int i = 0; i < ARRAY_SIZE(pairs); i++) {
		pairs[i][0] = tap_below(40);
		pairs[i][1] = ~pairs[i][0];
	}
	sort(pairs, ARRAY_SIZE(pairs), sizeof(pairs[0]), compare_longs, NULL);
	for (unsigned int i = 0; i < ARRAY_SIZE(pairs); i++)
		EXPECT(pairs[i][1] == ~pairs[i][0] && (!i || pairs[i - 1][0] <= pairs[i][0]));
}

TEST(nothing_moves_that_is_in_order)
{
	struct item items[40];

	fill(items, ARRAY_SIZE(items), 30);
	sort(items, ARRAY_SIZE(items), sizeof(items[0]), compare, swap_items);
	EXPECT(nr_swaps > 0);
	nr_swaps = 0;
	sort(items, ARRAY_SIZE(items), sizeof(items[0]), compare, swap_items);
	EXPECT_EQ(nr_swaps, 0);
}

TEST(each_is_found_and_nothing_else)
{
	struct item items[40];

	for (unsigned int nr = 0; nr < ARRAY_SIZE(items); nr++) {
		for (u32 i = 0; i < nr; i++)
			items[i] = (struct item){ 2 * i + 2, 0, 0 };
		for (u32 key = 0; key <= 2 * nr + 3; key++) {
			struct item *expected = key % 2 || !key || key > 2 * nr ? NULL :
						&items[key / 2 - 1];

			EXPECT(__inline_bsearch(&key, items, nr, sizeof(items[0]), compare_key) ==
			       expected);
		}
	}
}
