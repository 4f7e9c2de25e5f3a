/* SPDX-License-Identifier: MIT */
/* Which functions an ops is attached to: globs, addresses, notrace, changes while registered. */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/filter.h"
#include "trace/core/pattern.h"

static struct counter c = COUNTER;

static int filter(const char *glob, int reset)
{
	return ftrace_set_filter(&c.ops, glob, (int)strlen(glob), reset);
}

static int notrace_filter(const char *glob, int reset)
{
	return ftrace_set_notrace(&c.ops, glob, (int)strlen(glob), reset);
}

KTEST(ftrace, filter_globs)
{
	static const struct {
		const char *glob;
		unsigned int hits;	/* alpha, beta, gamma */
	} globs[] = {
		{ "kt_glob_alpha", 100 }, { "kt_glob_*", 111 }, { "*_glob_beta", 10 },
		{ "*t_glob_a*", 100 }, { "kt*glob*a", 111 }, { "kt_glob_?amma", 1 },
		{ "kt_glob_[ab]*", 110 }, { "kt_glob_[!a]*", 11 }, { "kt_gl?b_[a-b]*a", 110 },
		{ "kt_glob_alpha*", 100 }, { "*kt_glob_gamma", 1 },
	};
	unsigned int n;

	KT_ASSERT(t, !counter_start(&c, "kt_glob_alpha"));
	for (n = 0; n < ARRAY_SIZE(globs); n++) {
		int err = filter(globs[n].glob, 1);
		unsigned int hits = counter_globs(&c);

		if (err || hits != globs[n].hits)
			ktest_fail(t, __FILE__, __LINE__, "'%s': error %d, hits %03u, not %03u",
				   globs[n].glob, err, hits, globs[n].hits);
	}
	KT_EXPECT(t, counter_stop(&c));
}

KTEST(ftrace, filter_adds_and_removes)
{
	KT_ASSERT(t, !counter_start(&c, "kt_glob_alpha"));
	KT_EXPECT_EQ(t, filter("kt_glob_beta", 0), 0);
	KT_EXPECT_EQ(t, counter_globs(&c), 110);
	KT_EXPECT_EQ(t, filter("kt_glob_beta", 0), 0);		/* twice is fine */
	KT_EXPECT_EQ(t, filter("!kt_glob_alpha", 0), 0);
	KT_EXPECT_EQ(t, counter_globs(&c), 10);
	KT_EXPECT_EQ(t, filter("kt_glob_gamma", 1), 0);	/* reset: begins anew */
	KT_EXPECT_EQ(t, counter_globs(&c), 1);
	KT_EXPECT_EQ(t, ftrace_set_filter(&c.ops, "kt_glob_betaXYZ", 12, 1), 0);
	KT_EXPECT_EQ(t, counter_globs(&c), 10);		/* len counts, not a NUL */
	KT_EXPECT(t, counter_stop(&c));
	KT_EXPECT_EQ(t, counter_globs(&c), 0);
}

KTEST(ftrace, filter_that_matches_nothing)
{
	KT_ASSERT(t, !counter_start(&c, "kt_glob_alpha"));
	KT_EXPECT_EQ(t, filter("kt_glob_delta", 0), -EINVAL);
	KT_EXPECT_EQ(t, filter("no_such_*", 1), -EINVAL);
	KT_EXPECT_EQ(t, notrace_filter("no_such_*", 1), -EINVAL);
	KT_EXPECT_EQ(t, filter("KT_GLOB_ALPHA", 0), -EINVAL);	/* case counts */
	KT_EXPECT_EQ(t, filter("t_glob_alpha", 0), -EINVAL);	/* the whole name */
	KT_EXPECT_EQ(t, counter_globs(&c), 100);
	KT_EXPECT(t, counter_stop(&c));
}

/*
 * What callers pass by mistake: an empty name, or a length that includes the NUL. Only NULL resets,
 * or leaves everything as it is.
 */
KTEST(ftrace, filter_text_that_is_no_name)
{
	static const struct {
		const char *text;
		int len, error;
	} texts[] = {
		{ "", 0, -EINVAL }, { "", 1, -EINVAL }, { "kt_glob_beta", 0, -EINVAL },
		{ " ", 1, -EINVAL }, { "\n", 1, -EINVAL }, { "kt_glob_beta ", 13, -EINVAL },
		{ " *:mod:nonesuch", 15, -EINVAL }, { "*:mod:none such", 15, -EINVAL },
		{ "kt_glob_beta", -1, -EINVAL }, { "kt_glob_beta", -12, -EINVAL },
		{ "*", -2147483647 - 1, -EINVAL }, { "!", 1, -EINVAL },
		{ "!!kt_glob_beta", 14, -EINVAL },
		{ "kt_glob_beta", sizeof("kt_glob_beta"), 0 }, { "kt_glob_beta\0garbage", 20, 0 },
		{ NULL, 0, 0 }, { NULL, 5, 0 },
	};

	KT_ASSERT(t, !counter_start(&c, "kt_glob_beta"));
	for (unsigned int i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *text = texts[i].text;
		int len = texts[i].len, reset = text != NULL;

		/* Whatever the text is, the filter still has kt_glob_beta() alone afterwards. */
		KT_EXPECT_EQ(t, ftrace_set_filter(&c.ops, text, len, reset), texts[i].error);
		KT_EXPECT_EQ(t, ftrace_set_filter(&c.ops, text, len, 0), texts[i].error);
		KT_EXPECT_EQ(t, counter_globs(&c), 10);
		KT_EXPECT_EQ(t, ftrace_set_notrace(&c.ops, text, len, 1), texts[i].error);
		KT_EXPECT_EQ(t, counter_globs(&c), text && !texts[i].error ? 0 : 10);
		KT_EXPECT_EQ(t, ftrace_set_notrace(&c.ops, NULL, 0, 1), 0);
		KT_EXPECT_EQ(t, ftrace_set_global_filter(text, len, 1), texts[i].error);
		KT_EXPECT_EQ(t, ftrace_set_global_filter(NULL, 0, 1), 0);
		KT_EXPECT_EQ(t, ftrace_set_global_notrace(text, len, 1), texts[i].error);
		KT_EXPECT_EQ(t, ftrace_set_global_notrace(NULL, 0, 1), 0);
	}
	KT_EXPECT_EQ(t, counter_globs(&c), 10);
	KT_EXPECT(t, counter_stop(&c));
}

/* A text that is longer than any name matches nothing and waits for nothing. */
KTEST(ftrace, filter_text_that_is_too_long)
{
	static char text[FTRACE_PATTERN_MAX + 8];

	memset(text, 'x', sizeof(text));
	KT_ASSERT(t, !counter_start(&c, "kt_glob_beta"));
	KT_EXPECT_EQ(t, ftrace_set_filter(&c.ops, text, sizeof(text), 1), -EINVAL);
	memcpy(text + 1, ":mod:", 5);
	KT_EXPECT_EQ(t, ftrace_set_filter(&c.ops, text, sizeof(text), 1), -EINVAL);
	KT_EXPECT_EQ(t, ftrace_set_notrace(&c.ops, text, sizeof(text), 1), -EINVAL);
	KT_EXPECT_EQ(t, counter_globs(&c), 10);
	KT_EXPECT(t, counter_stop(&c));
}

KTEST(ftrace, notrace_beats_filter)
{
	KT_ASSERT(t, !counter_start(&c, "kt_glob_*"));
	KT_EXPECT_EQ(t, notrace_filter("kt_glob_beta", 0), 0);
	KT_EXPECT_EQ(t, counter_globs(&c), 101);
	KT_EXPECT_EQ(t, notrace_filter("kt_glob_gamma", 0), 0);
	KT_EXPECT_EQ(t, counter_globs(&c), 100);
	KT_EXPECT_EQ(t, notrace_filter("!kt_glob_beta", 0), 0);
	KT_EXPECT_EQ(t, counter_globs(&c), 110);
	KT_EXPECT_EQ(t, ftrace_set_notrace(&c.ops, NULL, 0, 1), 0);
	KT_EXPECT_EQ(t, counter_globs(&c), 111);
	KT_EXPECT(t, counter_stop(&c));
}

/* An empty filter means every function, a trap that Linux users know. */
KTEST(ftrace, empty_filter_is_everything)
{
	KT_ASSERT(t, !counter_start(&c, "kt_glob_alpha"));
	KT_EXPECT_EQ(t, ftrace_set_filter(&c.ops, NULL, 0, 1), 0);
	KT_EXPECT_EQ(t, counter_globs(&c) >= 111, 1);
	KT_EXPECT_EQ(t, notrace_filter("kt_glob_*", 0), 0);
	c.hits = 0;
	kt_sum(1, 2);
	KT_EXPECT(t, c.hits >= 1);
	KT_EXPECT_EQ(t, ftrace_set_notrace(&c.ops, NULL, 0, 1), 0);
	KT_EXPECT(t, counter_stop(&c));
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_sum));
}

KTEST(ftrace, filter_by_address)
{
	unsigned long alpha = (unsigned long)kt_glob_alpha, beta = (unsigned long)kt_glob_beta;
	unsigned long site = ftrace_location(beta);

	KT_ASSERT(t, ftrace_location(alpha) && site);
	KT_EXPECT_EQ(t, ftrace_location(site), site);
	KT_EXPECT_EQ(t, ftrace_location(site + FTRACE_INSN_SIZE), 0);
	KT_EXPECT_EQ(t, ftrace_location((unsigned long)strlen), 0);	/* untraced */
	KT_EXPECT_EQ(t, ftrace_location(0), 0);
	KT_EXPECT_EQ(t, ftrace_location(~0ul), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&c.ops, alpha, 0, 1), 0);	/* a symbol's start */
	KT_ASSERT(t, !counter_start(&c, NULL));
	KT_EXPECT_EQ(t, counter_globs(&c), 100);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&c.ops, site, 0, 0), 0);	/* or the site */
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&c.ops, beta, 0, 0), 0);
	KT_EXPECT_EQ(t, counter_globs(&c), 110);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&c.ops, alpha + 1, 0, 0), -EINVAL);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&c.ops, (unsigned long)strlen, 0, 0), -EINVAL);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&c.ops, (unsigned long)kt_glob_gamma, 1, 0), -ENOENT);
	KT_EXPECT_EQ(t, counter_globs(&c), 110);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&c.ops, alpha, 1, 0), 0);
	KT_EXPECT_EQ(t, counter_globs(&c), 10);
	KT_EXPECT(t, counter_stop(&c));
}

KTEST(ftrace, filter_by_addresses_is_all_or_nothing)
{
	unsigned long good[] = { (unsigned long)kt_glob_alpha, (unsigned long)kt_glob_gamma };
	unsigned long bad[] = { (unsigned long)kt_glob_beta, (unsigned long)strlen };

	KT_EXPECT_EQ(t, ftrace_set_filter_ips(&c.ops, good, 2, 0, 1), 0);
	KT_ASSERT(t, !counter_start(&c, NULL));
	KT_EXPECT_EQ(t, counter_globs(&c), 101);
	KT_EXPECT_EQ(t, ftrace_set_filter_ips(&c.ops, bad, 2, 0, 0), -EINVAL);
	KT_EXPECT_EQ(t, ftrace_set_filter_ips(&c.ops, bad, 2, 0, 1), -EINVAL);
	KT_EXPECT_EQ(t, counter_globs(&c), 101);
	bad[1] = good[0];
	/* kt_glob_beta() is not in the filter. */
	KT_EXPECT_EQ(t, ftrace_set_filter_ips(&c.ops, bad, 2, 1, 0), -ENOENT);
	KT_EXPECT_EQ(t, counter_globs(&c), 101);
	KT_EXPECT_EQ(t, ftrace_set_filter_ips(&c.ops, good, 1, 1, 0), 0);
	KT_EXPECT_EQ(t, counter_globs(&c), 1);
	/*
	 * Without addresses there is nothing to add or to remove, whatever their number is said to
	 * be.
	 */
	KT_EXPECT_EQ(t, ftrace_set_filter_ips(&c.ops, NULL, 3, 0, 0), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter_ips(&c.ops, NULL, ~0u, 1, 0), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter_ips(&c.ops, good, 0, 0, 0), 0);
	KT_EXPECT_EQ(t, counter_globs(&c), 1);
	KT_EXPECT_EQ(t, ftrace_set_filter_ips(&c.ops, NULL, 3, 0, 1), 0);
	KT_EXPECT(t, counter_globs(&c) >= 111);
	KT_EXPECT(t, counter_stop(&c));
}

/*
 * The filter changes from {a, b} to {b, c} while b has a direct call as well: only a and c may
 * change.
 */
KTEST(ftrace, filter_change_around_direct)
{
	struct ftrace_ops *direct = &probe_direct_ops;

	KT_NEED_ARGS(t);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(direct, (unsigned long)kt_glob_beta, 0, 1), 0);
	KT_EXPECT_EQ(t, register_ftrace_direct(direct, PROBE_A), 0);
	KT_EXPECT_EQ(t, counter_start(&c, "kt_glob_[ab]*"), 0);
	probe_nr_events = 0;
	KT_EXPECT_EQ(t, counter_globs(&c), 110);
	KT_EXPECT_EQ(t, filter("kt_glob_[bg]*", 1), 0);
	KT_EXPECT_EQ(t, counter_globs(&c), 11);
	KT_EXPECT_EQ(t, probe_nr_events, 2);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_glob_alpha));
	/* The sites of a registered direct ops stay as they are. */
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(direct, (unsigned long)kt_glob_alpha, 0, 0), -EBUSY);
	KT_EXPECT(t, counter_stop(&c));
	KT_EXPECT_EQ(t, unregister_ftrace_direct(direct, PROBE_A, true), 0);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_glob_beta));
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_glob_gamma));
}

/* The hash that set_ftrace_filter edits: a copy that is changed and then installed at once. */
KTEST(ftrace, filter_hash_editing)
{
	struct ftrace_hash *hash = ftrace_hash_copy(NULL);
	unsigned long alpha = ftrace_location((unsigned long)kt_glob_alpha);

	KT_ASSERT(t, hash);
	KT_EXPECT_EQ(t, ftrace_hash_count(hash), 0);
	KT_EXPECT_EQ(t, ftrace_hash_match(hash, "kt_glob_*", 9), 0);
	KT_EXPECT_EQ(t, ftrace_hash_count(hash), 3);
	KT_EXPECT_EQ(t, ftrace_hash_match(hash, "!kt_glob_b*", 11), 0);
	KT_EXPECT_EQ(t, ftrace_hash_count(hash), 2);
	KT_EXPECT(t, ftrace_hash_contains(hash, alpha));
	KT_EXPECT_EQ(t, ftrace_hash_match(hash, "nope", 4), -EINVAL);
	KT_EXPECT_EQ(t, ftrace_hash_match(hash, "", 0), -EINVAL);
	KT_EXPECT_EQ(t, ftrace_hash_match(hash, "0", 1), -EINVAL);	/* lines count from 1 */
	KT_EXPECT_EQ(t, ftrace_hash_match(hash, "99999999", 8), -EINVAL);
	KT_EXPECT_EQ(t, ftrace_hash_match(hash, "*:mod:no*", 9), -EINVAL);
	KT_EXPECT_EQ(t, ftrace_hash_match(hash, "!*:mod:nope", 11), -EINVAL);
	KT_EXPECT_EQ(t, ftrace_hash_match(hash, "*:mod:nope", 10), 0);	/* waits for the module */
	KT_EXPECT_STREQ(t, ftrace_hash_pattern(hash, 0), "*:mod:nope");
	KT_EXPECT_EQ(t, ftrace_hash_match(hash, "!*:mod:nope", 11), 0);
	KT_EXPECT(t, !ftrace_hash_pattern(hash, 0));
	KT_EXPECT_EQ(t, ftrace_hash_count(hash), 2);
	KT_EXPECT_EQ(t, ftrace_hash_install(&c.ops, false, hash), 0);
	KT_EXPECT_EQ(t, counter_start(&c, NULL), 0);
	KT_EXPECT_EQ(t, counter_globs(&c), 101);
	KT_EXPECT(t, counter_stop(&c));
	hash = ftrace_hash_copy(NULL);
	KT_ASSERT(t, hash);
	KT_EXPECT_EQ(t, ftrace_hash_match(hash, "1", 1), 0);
	KT_EXPECT_EQ(t, ftrace_hash_count(hash), 1);
	ftrace_hash_free(hash);
}
