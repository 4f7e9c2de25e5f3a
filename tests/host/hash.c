/* SPDX-License-Identifier: MIT */
/* Filter hashes compared with a plain array, and when memory runs out. */
#include "kernel/lib/errno.h"
#include "tests/host/host.h"
#include "tests/host/tap.h"
#include "trace/core/hash.h"

#define UNIVERSE 300u

static unsigned long address(u32 n)
{
	/* Some collide in the low bits, some in the high ones. */
	return 0xc0100000ul + (n % 7) * 0x10000 + n * 16;
}

TEST(add_twice_remove_twice)
{
	struct ftrace_hash *hash = ftrace_hash_copy(NULL);

	ASSERT(hash);
	EXPECT(ftrace_hash_is_empty(hash) && ftrace_hash_is_empty(NULL));
	EXPECT(!ftrace_hash_contains(NULL, 16));
	EXPECT_EQ(ftrace_hash_add(hash, 0x1000), 0);
	EXPECT_EQ(ftrace_hash_add(hash, 0x1000), 0);
	EXPECT_EQ(ftrace_hash_count(hash), 1);
	EXPECT(!ftrace_hash_contains(hash, 0));
	EXPECT_EQ(ftrace_hash_add(hash, 0), -EINVAL);
	EXPECT_EQ(ftrace_hash_add_direct(hash, 0, 0x3000), -EINVAL);
	EXPECT_EQ(ftrace_hash_remove(hash, 0), -ENOENT);
	EXPECT_EQ(ftrace_hash_count(hash), 1);
	EXPECT_EQ(ftrace_hash_remove(hash, 0x2000), -ENOENT);
	EXPECT_EQ(ftrace_hash_remove(hash, 0x1000), 0);
	EXPECT_EQ(ftrace_hash_remove(hash, 0x1000), -ENOENT);
	EXPECT_EQ(ftrace_hash_count(hash), 0);
	ftrace_hash_free(hash);
	ftrace_hash_free(NULL);
	EXPECT_EQ(host_allocations(), 0);
}

static void compare(const struct ftrace_hash *hash, const bool *member)
{
	unsigned int i, count = 0, seen = 0;
	unsigned long ip;

	for (i = 0; i < UNIVERSE; i++) {
		EXPECT_EQ(ftrace_hash_contains(hash, address(i)), member[i]);
		count += member[i];
	}
	EXPECT_EQ(ftrace_hash_count(hash), count);
	ftrace_hash_for_each(ip, i, hash)
		seen++;
	EXPECT_EQ(seen, count);
}

TEST(random_changes_against_an_array)
{
	bool member[UNIVERSE] = { false };
	struct ftrace_hash *hash = ftrace_hash_copy(NULL), *copy;
	unsigned int i, n;

	ASSERT(hash);
	for (i = 0; i < 20000 && !tap_failed(); i++) {
		n = tap_below(UNIVERSE);
		/* The hash grows and shrinks in turn. */
		if (tap_below(100) < ((i / 2000) % 2 ? 30u : 70u)) {
			EXPECT_EQ(ftrace_hash_add(hash, address(n)), 0);
			member[n] = true;
		} else {
			EXPECT_EQ(ftrace_hash_remove(hash, address(n)), member[n] ? 0 : -ENOENT);
			member[n] = false;
		}
		if (i % 500 == 0) {
			compare(hash, member);
			copy = ftrace_hash_copy(hash);
			ASSERT(copy);
			ftrace_hash_free(hash);
			hash = copy;
			compare(hash, member);
		}
	}
	ftrace_hash_free(hash);
	EXPECT_EQ(host_allocations(), 0);
}

TEST(filters_match_as_documented)
{
	struct ftrace_hash *filter = ftrace_hash_copy(NULL), *exclude = ftrace_hash_copy(NULL);

	ASSERT(filter && exclude);
	EXPECT(ftrace_filters_match(NULL, NULL, 16));
	EXPECT(ftrace_filters_match(filter, exclude, 16));
	ftrace_hash_add(exclude, 16);
	EXPECT(!ftrace_filters_match(filter, exclude, 16));
	EXPECT(ftrace_filters_match(filter, exclude, 32));
	ftrace_hash_add(filter, 16);
	EXPECT(!ftrace_filters_match(filter, exclude, 16));
	EXPECT(!ftrace_filters_match(filter, exclude, 32));
	EXPECT(ftrace_filters_match(filter, NULL, 16));
	ftrace_hash_free(filter);
	ftrace_hash_free(exclude);
}

TEST(without_memory_nothing_changes)
{
	struct ftrace_hash *hash = ftrace_hash_copy(NULL);
	unsigned int i, failures = 0;

	ASSERT(hash);
	host_fail_after(0);
	EXPECT(!ftrace_hash_copy(hash));
	host_fail_after(1);
	EXPECT(!ftrace_hash_copy(hash));
	for (i = 0; i < 100; i++) {
		host_fail_after(0);
		if (ftrace_hash_add(hash, address(i)) == -ENOMEM) {
			failures++;
			EXPECT(!ftrace_hash_contains(hash, address(i)));
			EXPECT_EQ(ftrace_hash_count(hash), i);
			host_fail_after(-1);
			EXPECT_EQ(ftrace_hash_add(hash, address(i)), 0);
		}
		host_fail_after(-1);
	}
	EXPECT(failures > 3);
	EXPECT_EQ(ftrace_hash_count(hash), 100);
	ftrace_hash_free(hash);
	EXPECT_EQ(host_allocations(), 0);
}
