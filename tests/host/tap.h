/* SPDX-License-Identifier: MIT */
/*
 * The smallest sufficient TAP harness: TEST(name) { ... } registers a case, and EXPECT macros note
 * the first failures and go on. A program consists of its cases and tap.c's main(); it exits with 1
 * if a case failed.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/types.h"

struct tap_case {
	const char *name;
	void (*run)(void);
};

#define TEST(ident)								\
	static void test_##ident(void);						\
	static const struct tap_case tap_case_##ident __used			\
	__section("tap_cases") __aligned(sizeof(long)) = { #ident, test_##ident };	\
	static void test_##ident(void)

/* Print a line "# ...". */
void tap_note(const char *fmt, ...) __printf(1, 2);
void tap_fail(const char *file, int line, const char *fmt, ...) __printf(3, 4);
void tap_skip(const char *reason);
/* Has the case failed already? Loops that would print the same again and again may stop then. */
bool tap_failed(void);
/*
 * Returns a random number of xorshift32. It has the same seed before each case; TEST_SEED in the
 * environment gives another one.
 */
u32 tap_random(void);
static inline u32 tap_below(u32 limit) { return tap_random() % limit; }

/* From the platform: host.c, or bare32.c without a C library. */
void tap_write(const char *buf, size_t len);
unsigned int tap_seed(void);

#define EXPECT(cond) ({								\
	bool _ok = !!(cond);							\
	if (!_ok)								\
		tap_fail(__FILE__, __LINE__, "expected %s", #cond);		\
	_ok; })
#define EXPECT_EQ(a, b) ({							\
	long long _a = (long long)(a), _b = (long long)(b);			\
	if (_a != _b)								\
		tap_fail(__FILE__, __LINE__, "%s = %lld (0x%llx), expected %lld (0x%llx)",	\
			 #a, _a, (unsigned long long)_a, _b, (unsigned long long)_b);	\
	_a == _b; })
#define EXPECT_STREQ(a, b) ({							\
	const char *_a = (a), *_b = (b);					\
	bool _ok = !strcmp(_a, _b);						\
	if (!_ok)								\
		tap_fail(__FILE__, __LINE__, "%s = \"%s\", expected \"%s\"", #a, _a, _b);	\
	_ok; })
#define ASSERT(cond) do { if (!EXPECT(cond)) return; } while (0)
