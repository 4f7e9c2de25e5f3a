/* SPDX-License-Identifier: MIT */
/*
 * Everything for which GCC may call a function of its library, with values that it cannot know. A
 * client that needs such functions can be loaded at any optimisation, and its init finds each
 * result right. Results of 64 and 128 bits are compared with others that need no such function.
 */
#include <linux/kernel.h>
#include <linux/module.h>

static unsigned int nr_wrong;

#define EXPECT(what, expected) do {							\
	if ((what) != (expected)) {							\
		pr_err("helpers: line %d: %s\n", __LINE__, #what);			\
		nr_wrong++;								\
	}										\
} while (0)

static volatile u32 word = 0x80f00001, none;
static volatile u64 large = 0xfedcba9876543210, small = 0x123456789, nothing, bits40 = 1ull << 40;
static volatile s64 negative = -1000000000007;
static volatile int by = 36;

static void count_bits(void)
{
	EXPECT(__builtin_popcount(word), 6);
	EXPECT(__builtin_popcount(none), 0);
	EXPECT(__builtin_popcountll(large), 32);
	EXPECT(__builtin_popcountll(bits40), 1);
	EXPECT(__builtin_parity(word), 0);
	EXPECT(__builtin_parityll(bits40), 1);
	EXPECT(__builtin_parityll(large), 0);
	EXPECT(__builtin_clzll(bits40), 23);
	EXPECT(__builtin_ctzll(bits40), 40);
	EXPECT(__builtin_ctzll(large), 4);
	EXPECT(__builtin_ffsll(bits40), 41);
	EXPECT(__builtin_ffsll(nothing), 0);
	EXPECT(__builtin_ffs(word), 1);
	EXPECT(__builtin_clrsb(word), 0);
	EXPECT(__builtin_clrsb(none), 31);
	EXPECT(__builtin_clrsb(none - 1), 31);
	EXPECT(__builtin_clrsbll(bits40), 22);
	EXPECT(__builtin_clrsbll(nothing), 63);
	EXPECT(__builtin_clrsbll(nothing - 1), 63);
	EXPECT(__builtin_clrsbll(negative), 23);
	EXPECT(__builtin_bswap64(large), 0x1032547698badcfe);
	EXPECT(__builtin_bswap32(word), 0x0100f080u);
}

static void calculate(void)
{
	EXPECT(large * small, 0xcccccccce1833a90ull);
	EXPECT(large / small, 0xe0000000ull);
	EXPECT(large % small, 0x96543210ull);
	EXPECT((u64)(negative / 1000), (u64)-1000000000);
	EXPECT(negative % 1000, -7);
	EXPECT(large << by, 0x6543210000000000ull);
	EXPECT(large >> by, 0xfedcba9ull);
	EXPECT(negative >> by, -15);
	EXPECT(-negative, 1000000000007);
	EXPECT(large > small, 1);
	EXPECT(negative < (s64)small, 1);
}

static u64 shared;

/* Each of these returns the old value. */
static void change_at_once(void)
{
	u64 expected = 5;

	__atomic_store_n(&shared, large, __ATOMIC_SEQ_CST);
	EXPECT(__atomic_load_n(&shared, __ATOMIC_SEQ_CST), large);
	EXPECT(__atomic_exchange_n(&shared, 7, __ATOMIC_SEQ_CST), large);
	EXPECT(__atomic_compare_exchange_n(&shared, &expected, 9, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_RELAXED), false);
	EXPECT(expected, 7);
	EXPECT(__atomic_compare_exchange_n(&shared, &expected, small, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_RELAXED), true);
	EXPECT(__atomic_fetch_add(&shared, large, __ATOMIC_SEQ_CST), small);
	EXPECT(__atomic_fetch_sub(&shared, small, __ATOMIC_SEQ_CST), large + small);
	EXPECT(__atomic_fetch_and(&shared, bits40 - 1, __ATOMIC_SEQ_CST), large);
	EXPECT(__atomic_fetch_or(&shared, bits40, __ATOMIC_SEQ_CST), large & (bits40 - 1));
	EXPECT(__atomic_fetch_xor(&shared, ~nothing, __ATOMIC_SEQ_CST), bits40 | 0x9876543210ull);
	EXPECT(__atomic_fetch_nand(&shared, bits40 - 1, __ATOMIC_SEQ_CST),
	       ~(bits40 | 0x9876543210ull));
	EXPECT(__atomic_add_fetch(&shared, bits40, __ATOMIC_SEQ_CST), 0x9876543210ull);
}

#ifdef __SIZEOF_INT128__
static void calculate_128(void)
{
	typedef unsigned __int128 u128;
	u128 wide = (u128)large << 64 | small, product = (u128)large * small;
	__int128 below = -(__int128)(wide >> 2) / 3;

	EXPECT(product / small, (u128)large);
	EXPECT(product % small, 0);
	EXPECT((product + 5) % small, 5);
	EXPECT((product + 5) / large, small);
	EXPECT(wide / large * large + wide % large, wide);
	EXPECT(wide % large < large, 1);
	EXPECT((u64)(wide / ((u128)small << 64)), large / small);
	EXPECT((u64)(wide >> by), (small >> 36) | large << 28);
	EXPECT((u64)(wide << by >> 64), large << 36 | small >> 28);
	EXPECT((u64)(wide >> (by + 28)), large);
	EXPECT((u64)(wide >> (by + 36)), large >> 8);
	EXPECT((u64)(wide << (by + 36) >> 64), small << 8);
	EXPECT(wide >> none << none, wide);
	EXPECT(below < 0, 1);
	EXPECT(below * 3 - (__int128)((u128)(-below) * 3), 2 * 3 * below);
	/*
	 * The value is shifted to the left as an unsigned one, because shifting a negative number
	 * is undefined.
	 */
	EXPECT((s64)((__int128)((u128)-(__int128)bits40 << by) >> 76), -1);
	EXPECT((s64)((__int128)((u128)negative << 64) >> (by + 28)), negative);
	EXPECT((s64)((__int128)negative / (s64)small), negative / (s64)small);
	EXPECT((s64)((__int128)negative % (s64)small), negative % (s64)small);
	EXPECT((s64)(((__int128)negative * (s64)bits40) / (s64)bits40), negative);
	EXPECT((s64)(((__int128)negative * (s64)bits40 - 3) % (s64)bits40), -3);
}
#else
static void calculate_128(void) { }
#endif

struct block { u8 bytes[600]; };
static struct block from, to;

/* Functions copy and compare a structure, and make code that was written ready for execution. */
static void copy_and_flush(void)
{
	for (unsigned int i = 0; i < sizeof(from); i++)
		from.bytes[i] = (u8)(i * word);
	to = from;
	EXPECT(__builtin_memcmp(&to, &from, sizeof(from)), 0);
	to = (struct block){ { 1 } };
	EXPECT(to.bytes[0] + to.bytes[599], 1);
	__builtin___clear_cache((char *)&to, (char *)(&to + 1));
}

static int __init helpers_init(void)
{
	count_bits();
	calculate();
	change_at_once();
	calculate_128();
	copy_and_flush();
	return nr_wrong ? -EIO : 0;
}

static void __exit helpers_exit(void)
{
}

module_init(helpers_init);
module_exit(helpers_exit);
MODULE_LICENSE("MIT");
