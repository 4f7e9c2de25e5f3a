/* SPDX-License-Identifier: MIT */
/*
 * The cpio reader: a good archive, each way in which one can be wrong, and archives with random
 * damage.
 */
#include "kernel/lib/cpio.h"
#include "kernel/lib/string.h"
#include "tests/host/tap.h"
#include <stdio.h>
#include <stdlib.h>

static u8 archive[4096];
static size_t archive_size;

static void add(const char *name, u32 mode, const char *data)
{
	size_t name_size = strlen(name) + 1, size = strlen(data);

	archive_size += (size_t)sprintf((char *)archive + archive_size,
		"070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 1, mode, 0, 0, 1, 0,
		size, 0, 0, 0, 0, name_size, 0);
	memcpy(archive + archive_size, name, name_size);
	archive_size = ALIGN_UP(archive_size + name_size, 4);
	memcpy(archive + archive_size, data, size);
	archive_size = ALIGN_UP(archive_size + size, 4);
}

static void make(void)
{
	memset(archive, 0, sizeof(archive));
	archive_size = 0;
	add("etc", 0040755, "");
	add("etc/rc", 0100644, "echo hello\n");
	add("empty", 0100644, "");
	add("TRAILER!!!", 0, "");
}

/*
 * Walks a copy that ends where its allocation ends, so that a sanitizer notices each byte too far.
 */
static int walk(const u8 *bytes, size_t size, unsigned int *nr, const char **why)
{
	u8 *copy = malloc(size ? size : 1);
	struct cpio_entry entry;
	volatile u8 sum = 0;
	size_t pos = 0;
	int ret;

	memcpy(copy, bytes, size);
	for (*nr = 0; (ret = cpio_next(copy, size, &pos, &entry, why)) > 0; ++*nr) {
		for (size_t i = 0; i < entry.size; i++)
			sum += entry.data[i];
		sum += (u8)strlen(entry.name);
	}
	free(copy);
	return ret;
}

TEST(a_good_archive)
{
	struct cpio_entry entry;
	const char *why;
	size_t pos = 0;

	make();
	ASSERT(cpio_next(archive, archive_size, &pos, &entry, &why) == 1);
	EXPECT_STREQ(entry.name, "etc");
	EXPECT_EQ(entry.mode, 0040755);
	ASSERT(cpio_next(archive, archive_size, &pos, &entry, &why) == 1);
	EXPECT_STREQ(entry.name, "etc/rc");
	EXPECT_EQ(entry.size, 11);
	EXPECT(!memcmp(entry.data, "echo hello\n", 11));
	ASSERT(cpio_next(archive, archive_size, &pos, &entry, &why) == 1);
	EXPECT_EQ(entry.size, 0);
	EXPECT_EQ(cpio_next(archive, archive_size, &pos, &entry, &why), 0);
}

TEST(every_truncation_is_an_error)
{
	unsigned int nr;
	const char *why;

	make();
	for (size_t size = 0; size < archive_size - 4 && !tap_failed(); size++)
		EXPECT(walk(archive, size, &nr, &why) < 0 && *why);
}

static void expect_wrong(size_t at, const char *text, const char *expected)
{
	unsigned int nr;
	const char *why = "";

	make();
	memcpy(archive + at, text, strlen(text));
	EXPECT(walk(archive, archive_size, &nr, &why) < 0);
	EXPECT_STREQ(why, expected);
}

TEST(what_is_wrong_is_named)
{
	expect_wrong(0, "07070x", "not a cpio archive in the newc format");
	expect_wrong(6 + 8 * 6, "ffffffff", "truncated");
	expect_wrong(6 + 8 * 6, "g", "a header holds something that is not a number");
	expect_wrong(6 + 8 * 11, "00000000", "a name is malformed");
	expect_wrong(6 + 8 * 11, "ffffffff", "a name is malformed");
	expect_wrong(6 + 8 * 11, "00000003", "a name is malformed");
}

TEST(random_damage)
{
	unsigned int nr, i;
	const char *why;

	for (i = 0; i < 20000; i++) {
		u32 n = 1 + tap_below(8);

		make();
		while (n--)
			archive[tap_below((u32)archive_size)] = (u8)tap_random();
		walk(archive, tap_below((u32)archive_size + 1), &nr, &why);
	}
}
