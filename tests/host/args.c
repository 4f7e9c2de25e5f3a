/* SPDX-License-Identifier: MIT */
/*
 * The text of arguments and results by a table of prototypes: of a good table, and of damaged ones,
 * which must do no harm. Words and places are those of arm64.
 */
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/trace_hooks.h"
#include "tests/host/tap.h"
#include "trace/output/prototypes.h"
#include "trace/output/trace_args.h"

#define FUNCTION 0x1000u
#define NO_RESULT 0x2000u

static const struct image {
	u32 size, nr, at_prototypes, at_types, at_enums, at_strings;
	u32 keys[2];
	u16 starts[2];
	u16 prototypes[20], types[9][3], enums[7];
	char strings[32];
} good = {
	.size = sizeof(good), .nr = 2,
	.at_prototypes = offsetof(struct image, prototypes),
	.at_types = offsetof(struct image, types),
	.at_enums = offsetof(struct image, enums),
	.at_strings = offsetof(struct image, strings),
	.keys = { FUNCTION, NO_RESULT }, .starts = { 0, 18 },
	/* enum color FUNCTION(path, a, b, c, d, e, s, x, ...): the last is on the stack */
	.prototypes = { 6, 8 | 0x8000, 1, 1, 6, 2, 8, 3, 10, 4, 12, 5, 14, 6, 16, 7, 18, 8, 0, 0 },
	.types = {
		{ PROTOTYPE_VOID, 0 }, { PROTOTYPE_STRING, 8 }, { PROTOTYPE_SIGNED, 4 },
		{ PROTOTYPE_UNSIGNED, 8 }, { PROTOTYPE_BOOL, 1 }, { PROTOTYPE_CHAR, 1 },
		{ PROTOTYPE_ENUM_SIGNED, 4, 0 }, { PROTOTYPE_STRUCTURE, 16 },
		{ PROTOTYPE_SIGNED, 2 },
	},
	.enums = { 2, 5, 0, 20, 0xffff, 0xffff, 24 },
	.strings = "\0path\0a\0b\0c\0d\0e\0s\0x\0RED\0BLUE",
};

static const void *table = &good;
static char text[65536];
static struct trace_seq seq;

const void *kallsyms_prototypes(unsigned long addr, u32 *key)
{
	*key = (u32)addr;
	return table;
}

int arch_read_nofault(void *dst, const void *src, size_t len)
{
	return -EFAULT;
}

struct recorded {
	unsigned long words[9];
	u8 strings[16];
};

static const struct recorded call = {
	.words = { 0x1234, 0xfffffffffffffffeul, 0x7fffffffful, 0xff01, 'x', 5, 1, 2, 0x1ffff },
	.strings = "\004a\"\n\x01",
};

static const char *args_of(unsigned long ip, const void *args, size_t size)
{
	trace_seq_init(&seq, text, sizeof(text));
	trace_print_args(&seq, ip, args, size);
	text[seq.len] = '\0';
	return text;
}

static const char *result_of(unsigned long ip, unsigned long value)
{
	trace_seq_init(&seq, text, sizeof(text));
	trace_print_result(&seq, ip, value, 0, true);
	text[seq.len] = '\0';
	return text;
}

TEST(args_by_type)
{
	struct recorded cut = call;

	EXPECT(trace_prototypes_valid(&good, sizeof(good)));
	EXPECT_STREQ(args_of(FUNCTION, &call, sizeof(call)),
		     "(path=\"a\\\"\\n\\x01\", a=-2, b=0x7ffffffff, c=true, d='x', e=RED, s={...}, "
		     "x=-1, ...)");
	cut.strings[0] = 2 | TRACE_STRING_CUT;
	EXPECT(strstr(args_of(FUNCTION, &cut, sizeof(cut)), "(path=\"a\\\"\"..., a=-2"));
	cut.strings[0] = TRACE_STRING_UNREADABLE;
	EXPECT(strstr(args_of(FUNCTION, &cut, sizeof(cut)), "(path=0x1234, a=-2"));
	/* Less was recorded than the prototype has. */
	EXPECT_STREQ(args_of(FUNCTION, &call, 3 * sizeof(long)),
		     "(path=0x1234, a=-2, b=0x7ffffffff, ...)");
	EXPECT_STREQ(args_of(NO_RESULT, &call, 8), "()");
	EXPECT_STREQ(args_of(0x3000, &call, sizeof(call)), "()");
}

TEST(results_by_type)
{
	EXPECT_STREQ(result_of(FUNCTION, 5), "= RED");
	EXPECT_STREQ(result_of(FUNCTION, 0xfffffffful), "= BLUE");
	EXPECT_STREQ(result_of(FUNCTION, 7), "= 7");
	EXPECT_STREQ(result_of(0x3000, 7), "");
	EXPECT(trace_has_no_result(NO_RESULT));
	EXPECT(!trace_has_no_result(FUNCTION));
	EXPECT(!trace_has_no_result(0x3000));
}

/* --- Damage --- */

static u32 random_state;

static u32 random_below(u32 limit)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (u32)((u64)random_state * limit >> 32);
}

TEST(damaged_tables_and_records)
{
	/* Exactly as large as they are, so that ASan sees every byte that is read too many. */
	u8 *copy = kmalloc(sizeof(good), GFP_KERNEL), *args = kmalloc(sizeof(call), GFP_KERNEL);
	unsigned int used = 0;

	table = copy;
	random_state = 1;
	while (used < 20000) {
		memcpy(copy, &good, sizeof(good));
		memcpy(args, &call, sizeof(call));
		for (u32 n = 1 + random_below(6); n; n--)
			copy[random_below(sizeof(good))] ^= (u8)(1u << random_below(8));
		for (u32 n = random_below(4); n; n--)
			args[random_below(sizeof(call))] = (u8)random_below(256);
		if (!trace_prototypes_valid(copy, sizeof(good)))
			continue;
		used++;
		args_of(FUNCTION, args, sizeof(call) - random_below(sizeof(call)));
		result_of(FUNCTION, random_below(8));
	}
	table = &good;
	kfree(copy);
	kfree(args);
}

TEST(tables_that_are_refused)
{
	static const unsigned int where[] = {
		offsetof(struct image, size), offsetof(struct image, nr),
		offsetof(struct image, at_prototypes), offsetof(struct image, at_types),
		offsetof(struct image, at_enums), offsetof(struct image, at_strings),
	};
	struct image bad;

	for (unsigned int i = 0; i < ARRAY_SIZE(where); i++) {
		bad = good;
		*(u32 *)((u8 *)&bad + where[i]) = 0x7fffff01;
		EXPECT(!trace_prototypes_valid(&bad, sizeof(bad)));
	}
	bad = good;
	bad.strings[sizeof(bad.strings) - 1] = 'x';
	EXPECT(!trace_prototypes_valid(&bad, sizeof(bad)));
	EXPECT(!trace_prototypes_valid(&good, 20));
}
