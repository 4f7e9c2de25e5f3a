/* SPDX-License-Identifier: MIT */
/*
 * Filters of events: what each kind of term says of a record, every error with its position, and
 * random expressions, which are compared with an evaluator that walks a tree.
 */
#include "tests/host/event_filter.h"
#include "kernel/lib/errno.h"
#include "tests/host/host.h"
#include "tests/host/tap.h"
#include <stdio.h>
#include <stdlib.h>

static const struct filter_record *const record = &filter_record;

/* Returns 0 or 1, or an error. */
static int match(const char *text)
{
	struct event_filter *filter;
	struct filter_error error;
	int err = event_filter_create(&filter_call, text, &filter, &error);
	bool yes;

	if (err)
		return err;
	yes = event_filter_match(filter, record);
	if (strcmp(filter->text, text))
		tap_fail(__FILE__, __LINE__, "\"%s\" became \"%s\"", text, filter->text);
	event_filter_free(filter);
	return yes;
}

static void begin(void)
{
	static struct task_struct task = { .pid = 1234, .comm = "worker-7" };

	host_current = &task;
}

TEST(terms)
{
	static const struct {
		const char *text;
		int yes;
	} cases[] = {
		{ "u8 == 200", 1 }, { "u8==0xc8", 1 }, { "u8 == 0310", 1 }, { "u8 != 200", 0 },
		{ "u8 > 199", 1 }, { "u8 > 200", 0 }, { "u8 >= 200", 1 }, { "u8 < 201", 1 },
		{ "u8 <= 199", 0 }, { "u8 < 0", 0 }, { "u8 >= 0", 1 }, { "u8 > 255", 0 },
		{ "u8 & 8", 1 }, { "u8 & 7", 0 },
		{ "s8 == -3", 1 }, { "s8 < 0", 1 }, { "s8 > -4", 1 }, { "s8 == 253", 1 },
		{ "s8 & 0x80", 1 }, { "s8 < -128", 0 }, { "s8 <= 127", 1 }, { "s8 > 127", 0 },
		{ "u16 == 60000", 1 }, { "u16 > 32767", 1 }, { "s16 < -299", 1 },
		{ "s16 < -300", 0 }, { "s16 & 1", 0 },
		{ "u32 == 4000000000", 1 }, { "u32 > 0x7fffffff", 1 }, { "u32 < 1", 0 },
		{ "s32 == -70000", 1 }, { "s32 <= -70000", 1 }, { "s32 > -70000", 0 },
		{ "s32 == 0xfffeee90", 1 }, { "s32 & 0x80000000", 1 },
		{ "u64 == 0xfedcba9876543210", 1 }, { "u64 > 0x7fffffffffffffff", 1 },
		{ "u64 & 0x10", 1 }, { "u64 & 0xf", 0 }, { "u64 < 0xfedcba9876543211", 1 },
		{ "s64 < -4999999999", 1 }, { "s64 == -5000000000", 1 }, { "s64 > 0", 0 },
		{ "s64 >= -9223372036854775808", 1 }, { "s64 < -9223372036854775808", 0 },
		{ "common_pid == 1234", 1 }, { "common_type == 77", 1 }, { "common_flags & 1", 1 },
		{ "common_preempt_count != 0", 0 },
		{ "name == 'eightbyt'", 1 }, { "name == \"eightbyte\"", 0 }, { "name != 'e'", 1 },
		{ "name ~ 'eight*'", 1 }, { "name ~ '*t'", 1 }, { "name ~ '*by?'", 1 },
		{ "name ~ '[a-f]*'", 1 }, { "name ~ '!eight*'", 0 }, { "name ~ 'eight'", 0 },
		{ "text == hello", -EINVAL }, { "text == 'hello'", 1 }, { "text ~ '*ll*'", 1 },
		{ "text == ''", 0 }, { "text != \"it's\"", 1 },
		{ "pointer == 'far away'", 1 }, { "pointer ~ 'far'", 0 },
		{ "pointer ~ '* away'", 1 },
		{ "comm == 'worker-7'", 1 }, { "common_comm ~ 'worker*'", 1 },
		{ "COMM != 'worker-7'", 0 },
		{ "cpu == 0", 1 }, { "common_cpu < 0", 0 }, { "CPU >= 0", 1 }, { "cpu > -1", 1 },
		{ "cpu & 1", 0 }, { "cpu & CPUS{0-1}", 1 }, { "cpu == CPUS{0,1}", 0 },
		{ "cpu != CPUS{0}", 0 }, { "cpu&CPUS{1-3}", 0 }, { "u8 & CPUS{1}", 0 },
		{ "func.function == do_it.part.0", 1 }, { "func.function != 0x12ff", 0 },
		{ "(func.function == do_it.part.0)", 1 },
		{ " u8\t==\n200 ", 1 },
		{ "u8 == 200 && s8 == -3", 1 }, { "u8 == 1 || s8 == -3", 1 },
		{ "u8 == 1 || s8 == -3 && u16 == 1", 0 }, { "u8 == 200 || s8 == 1 && u16 == 1", 1 },
		{ "(u8 == 200 || s8 == 1) && u16 == 1", 0 }, { "!u8 == 200", 0 },
		{ "!!u8 == 200", 1 }, { "!(u8 == 1 || s8 == 1)", 1 }, { "! ! (((u8 == 1)))", 0 },
		{ "!(u8 == 200 && !(s8 == 1))", 0 }, { "text == '&& (u8 == 1'", 0 },
	};

	begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		int yes = match(cases[i].text);

		if (yes != cases[i].yes)
			tap_fail(__FILE__, __LINE__, "%s: %d", cases[i].text, yes);
	}
}

TEST(errors)
{
	/* The position is where the text of @expression has a `^`. */
	static const struct {
		const char *expression, *text;
	} cases[] = {
		{ "((u8 >= 10 && u8 < 15) || dsig ^== 17) && comm != bash", "Field not found" },
		{ "nothing^", "Field not found" },
		{ "&^& u8 == 1", "Field not found" },
		{ "u8 ==^", "Invalid value (did you forget quotes)?" },
		{ "u8 == h^ello", "Invalid value (did you forget quotes)?" },
		{ "comm != b^ash", "Invalid value (did you forget quotes)?" },
		{ "u8 =^ = 3", "Invalid operator" },
		{ "u8 3^", "Invalid operator" },
		{ "u8^", "Invalid operator" },
		{ "^(u8 == 1", "Too many '('" },
		{ "(u8 == 1) && ^((u8 == 2) || u8 == 3", "Too many '('" },
		{ "u8 == 1^)", "Too few '('" },
		{ "text == ^'hello", "Missing matching quote" },
		{ "u8 == '^1'", "Expecting numeric field" },
		{ "text == 1^", "Expecting string field" },
		{ "comm > '^a'", "Illegal operation for field type" },
		{ "u8 ~ 1^", "Illegal operation for field type" },
		{ "squares == 1^", "Illegal operation for field type" },
		{ "squares == '^1'", "Illegal operation for field type" },
		{ "u8 == 2^56", "Illegal integer value" },
		{ "u8 == -^1", "Illegal integer value" },
		{ "s8 == 2^56", "Illegal integer value" },
		{ "s8 == -^129", "Illegal integer value" },
		{ "u32 == 0^x100000000", "Illegal integer value" },
		{ "u64 == 1^8446744073709551616", "Illegal integer value" },
		{ "u8 == 1^2z", "Illegal integer value" },
		{ "u8 == 123456789012345678901234^", "Operand too long" },
		{ "u8 == 1 ^u16 == 2", "Too many terms in predicate expression" },
		{ "u8 == 1 ^| u16 == 2", "Too many terms in predicate expression" },
		{ "(u8 == 1) ^(u16 == 2)", "Too many terms in predicate expression" },
		{ "u8 == 1 &&^", "Meaningless filter expression" },
		{ "!^", "Meaningless filter expression" },
		{ "^", "No filter found" },
		{ "^()", "No filter found" },
		{ "cpu & CPUS1^", "Missing '{'" },
		{ "cpu & CPUS{1^", "Missing '}'" },
		{ "cpu & CPUS{1-}^", "Invalid cpulist" },
		{ "cpu & CPUS{1,}^", "Invalid cpulist" },
		{ "cpu > C^PUS{1}", "Illegal operation for field type" },
		{ "text & C^PUS{1}", "Illegal operation for field type" },
		{ "u8.function == d^o_it", "Illegal operation for field type" },
		{ "func.function > d^o_it", "Invalid operator" },
		{ "func.function == do_it^", "Function not found" },
		{ "func.function == 0x1300^", "Function not found" },
		{ "func.function == 0z^", "Invalid value (did you forget quotes)?" },
		{ "text.^ustring == 'a'", "There are no strings of user space here" },
		{ "((((((((((((((((^(u8 == 1)))))))))))))))))", "Too many '('" },
	};
	struct event_filter *filter;
	struct filter_error error;
	char text[128];

	begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *caret = strchr(cases[i].expression, '^');
		size_t pos = (size_t)(caret - cases[i].expression), len;
		int err;

		snprintf(text, sizeof(text), "%.*s%s", (int)pos, cases[i].expression, caret + 1);
		err = event_filter_create(&filter_call, text, &filter, &error);
		if (!EXPECT_EQ(err, -EINVAL))
			tap_note("\"%s\"", text);
		if (err != -EINVAL)
			continue;
		/* Some of Linux's positions are one behind the end, where no `^` can be. */
		len = strlen(text);
		if (strcmp(error.text, cases[i].text) || min((size_t)error.pos, len) != pos)
			tap_fail(__FILE__, __LINE__, "\"%s\": %s at %u", text, error.text,
				 error.pos);
	}
}

/* Text that is as long as can be is taken, and one byte more is too much. */
TEST(longest_string)
{
	char text[300];

	begin();
	snprintf(text, sizeof(text), "text == '%0255d'", 0);
	EXPECT_EQ(match(text), 0);
	snprintf(text, sizeof(text), "text == '%0256d'", 0);
	EXPECT_EQ(match(text), -EINVAL);
}

/* --- Random expressions --- */

struct writer {
	char text[8192];
	size_t len;
};

static void put(struct writer *w, const char *text)
{
	while (*text && w->len + 1 < sizeof(w->text))
		w->text[w->len++] = *text++;
	w->text[w->len] = '\0';
}

static void put_blank(struct writer *w)
{
	static const char *const blanks[] = { "", " ", "", "\t ", " " };

	put(w, blanks[tap_below(ARRAY_SIZE(blanks))]);
}

static bool compare(__int128 a, const char *op, __int128 b)
{
	if (!strcmp(op, "=="))
		return a == b;
	if (!strcmp(op, "!="))
		return a != b;
	if (!strcmp(op, "<"))
		return a < b;
	if (!strcmp(op, "<="))
		return a <= b;
	if (!strcmp(op, ">"))
		return a > b;
	if (!strcmp(op, ">="))
		return a >= b;
	return ((u64)a & (u64)b) != 0;
}

/* A number of @bits bits near the field's, near a limit, or anywhere; as its type has it. */
static __int128 some_number(__int128 value, unsigned int bits, bool is_signed)
{
	__int128 least = is_signed ? -((__int128)1 << (bits - 1)) : 0;
	__int128 most = least + (((__int128)1 << bits) - 1), number;

	switch (tap_below(5)) {
	case 0:
		number = value;
		break;
	case 1:
		number = value + (int)tap_below(5) - 2;
		break;
	case 2:
		number = least + tap_below(3);
		break;
	case 3:
		number = most - tap_below(3);
		break;
	default:
		number = least + (__int128)(((u64)tap_random() << 32 | tap_random()) &
					    (bits == 64 ? -1ull : (1ull << bits) - 1));
	}
	return number < least ? least : number > most ? most : number;
}

static bool random_number(struct writer *w)
{
	static const char *const ops[] = { "==", "!=", "<", "<=", ">", ">=", "&" };
	const struct {
		const char *name;
		__int128 value;
		unsigned int bits;
		bool is_signed;
	} numbers[] = {
		{ "u8", record->u8, 8, false }, { "s8", record->s8, 8, true },
		{ "u16", record->u16, 16, false }, { "s16", record->s16, 16, true },
		{ "u32", record->u32, 32, false }, { "s32", record->s32, 32, true },
		{ "u64", record->u64, 64, false }, { "s64", record->s64, 64, true },
		{ "common_pid", 1234, 32, true }, { "cpu", 0, 32, true },
	}, *n = &numbers[tap_below(ARRAY_SIZE(numbers))];
	const char *op = ops[tap_below(ARRAY_SIZE(ops))];
	__int128 number = some_number(n->value, n->bits, n->is_signed);
	u64 mask = n->bits == 64 ? -1ull : (1ull << n->bits) - 1;
	char text[40];

	put(w, n->name);
	put_blank(w);
	put(w, op);
	put_blank(w);
	if (n->is_signed)
		snprintf(text, sizeof(text), "%lld", (long long)number);
	else
		snprintf(text, sizeof(text), tap_below(2) ? "%llu" : "0x%llx",
			 (unsigned long long)number);
	put(w, text);
	if (*op == '&')
		return ((u64)n->value & (u64)number & mask) != 0;
	return compare(n->value, op, number);
}

static bool random_text(struct writer *w)
{
	static const struct {
		const char *text;
		bool yes;
	} terms[] = {
		{ "name == 'eightbyt'", true }, { "name~\"e*t\"", true },
		{ "text != 'hello'", false }, { "text ~ 'hell?'", true },
		{ "comm == 'it'", false }, { "pointer ~ 'far*'", true },
		{ "cpu & CPUS{0}", true }, { "func.function == do_it.part.0", true },
		{ "text == '(u8 == 1) || \"'", false },
	};
	unsigned int i = tap_below(ARRAY_SIZE(terms));

	put(w, terms[i].text);
	return terms[i].yes;
}

/* Write an expression, in parentheses unless it is a term. Returns what it is. */
static bool random_expression(struct writer *w, unsigned int depth)
{
	bool turned = false, any = false, all = true, value;
	unsigned int nr = 1 + tap_below(3);

	put_blank(w);
	while (!tap_below(3)) {
		put(w, "!");
		put_blank(w);
		turned = !turned;
	}
	if (!depth || !tap_below(3)) {
		value = tap_below(4) ? random_number(w) : random_text(w);
		put_blank(w);
		return turned != value;
	}
	/* One level is a || b && c: the && is stronger without parentheses. */
	put(w, "(");
	for (unsigned int i = 0; i < nr; i++) {
		if (i) {
			bool both = tap_below(2);

			put(w, both ? "&&" : "||");
			if (!both) {
				any |= all;
				all = true;
			}
		}
		all &= random_expression(w, depth - 1);
	}
	any |= all;
	put(w, ")");
	put_blank(w);
	return turned != any;
}

TEST(random_expressions)
{
	static struct writer w;
	unsigned int trues = 0;

	begin();
	for (unsigned int i = 0; i < 20000 && !tap_failed(); i++) {
		bool yes;
		int got;

		w.len = 0;
		yes = random_expression(&w, tap_below(6));
		got = match(w.text);
		if (got != yes)
			tap_fail(__FILE__, __LINE__, "%s: %d, expected %d", w.text, got, yes);
		trues += yes;
	}
	EXPECT(trues > 5000 && trues < 15000);
}
