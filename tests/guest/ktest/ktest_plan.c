/* SPDX-License-Identifier: MIT */
/*
 * Which test cases run, and in which order. Without a seed the order is the one in which they are
 * linked, and suites come in the order of their first cases. With a seed, the suites, and the cases
 * of each, come in an order that the seed decides.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "tests/guest/ktest/ktest.h"

/*
 * All KTEST()s lie between these, because the linker sorts sections of tables by name. They are
 * defined in assembly, so that the compiler does not take them for arrays that it knows.
 */
extern const struct ktest_case first_case[], last_case[];
__asm__(".pushsection .table.ktest_cases.0, \"a\"\nfirst_case:\n.popsection\n"
	".pushsection .table.ktest_cases.2, \"a\"\nlast_case:\n.popsection");

/* Matches globs with '*' and '?' only. */
static bool glob_matches(const char *glob, const char *s)
{
	const char *star = NULL, *retry = NULL;

	while (*s) {
		if (*glob == '*') {
			star = glob++;
			retry = s;
		} else if (*glob == '?' || *glob == *s) {
			glob++;
			s++;
		} else if (star) {
			glob = star + 1;
			s = ++retry;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return !*glob;
}

static bool is_named(const struct ktest_case *kase, const char *glob)
{
	char name[128];

	scnprintf(name, sizeof(name), "%s.%s", kase->suite, kase->name);
	return glob_matches(glob, kase->suite) || glob_matches(glob, name);
}

/*
 * Names without `!` choose cases, and without any such name all cases are chosen. Names with `!`
 * leave cases out.
 */
static bool is_chosen(const struct ktest_case *kase, const struct ktest_wish *wish)
{
	bool chosen = false, any = false;

	for (unsigned int i = 0; i < wish->nr_names; i++) {
		const char *name = wish->names[i];

		if (*name == '!' && is_named(kase, name + 1))
			return false;
		any |= *name != '!';
		chosen |= *name != '!' && is_named(kase, name);
	}
	return chosen || !any;
}

const char *ktest_unknown_name(const struct ktest_wish *wish)
{
	for (unsigned int i = 0; i < wish->nr_names; i++) {
		const char *glob = wish->names[i] + (*wish->names[i] == '!');
		const struct ktest_case *kase = first_case;

		while (kase < last_case && !is_named(kase, glob))
			kase++;
		if (kase == last_case)
			return wish->names[i];
	}
	return NULL;
}

/* This is xorshift32, which must not start with 0. */
static u32 next_random(u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void shuffle(const struct ktest_case **cases, unsigned int nr, u32 *state)
{
	for (; nr > 1; nr--) {
		unsigned int pick = next_random(state) % nr;
		const struct ktest_case *last = cases[nr - 1];

		cases[nr - 1] = cases[pick];
		cases[pick] = last;
	}
}

/* Moves the cases of the suite of cases[0] to the front, in order. Returns how many there are. */
static unsigned int gather_suite(const struct ktest_case **cases, unsigned int nr)
{
	unsigned int n = 1;

	for (unsigned int i = 1; i < nr; i++) {
		const struct ktest_case *kase = cases[i];

		if (strcmp(kase->suite, cases[0]->suite))
			continue;
		memmove(cases + n + 1, cases + n, (i - n) * sizeof(*cases));
		cases[n++] = kase;
	}
	return n;
}

int ktest_plan_make(struct ktest_plan *plan, const struct ktest_wish *wish)
{
	unsigned int most = (unsigned int)(last_case - first_case);
	u32 state = wish->shuffle * 2654435761u | 1;

	/* A name that matches nothing may be the misspelt name of something to leave out. */
	if (ktest_unknown_name(wish))
		return -ENOENT;
	plan->nr = 0;
	plan->cases = kmalloc(most * sizeof(*plan->cases), GFP_KERNEL);
	if (!plan->cases)
		return -ENOMEM;
	for (unsigned int i = 0; i < most; i++)
		if (is_chosen(&first_case[i], wish))
			plan->cases[plan->nr++] = &first_case[i];
	/* Once all cases are shuffled, the order of their first cases shuffles the suites. */
	if (wish->shuffled)
		shuffle(plan->cases, plan->nr, &state);
	for (unsigned int i = 0; i < plan->nr;)
		i += gather_suite(plan->cases + i, plan->nr - i);
	if (plan->nr)
		return 0;
	ktest_plan_free(plan);
	return -ENOENT;
}

void ktest_plan_free(struct ktest_plan *plan)
{
	kfree(plan->cases);
	plan->cases = NULL;
}
