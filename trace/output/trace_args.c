/* SPDX-License-Identifier: MIT */
/*
 * Arguments and results as text: trace_args.h. What a string argument pointed to was copied when
 * the function was called; everything else is in the words. Untraced.
 */
#include "trace/output/trace_args.h"
#include "kernel/arch.h"
#include "kernel/lib/string.h"
#include "trace/output/prototypes.h"

#define NAME_MAX 64			/* a module may bring any names */
#define ERRNO_MAX 4095

/* What is left of an event's recorded arguments. */
struct recorded {
	unsigned long words[TRACE_ARGS_WORDS];
	unsigned int nr_words;
	const u8 *strings, *end;
};

/* --- Values --- */

static void print_char(struct trace_seq *s, u8 c, char quote)
{
	static const char escaped[] = "\n\t\r\\", letters[] = "ntr\\";
	const char *found = c ? strchr(escaped, c) : NULL;

	if (found) {
		trace_seq_putc(s, '\\');
		trace_seq_putc(s, letters[found - escaped]);
	} else if (c == (u8)quote) {
		trace_seq_putc(s, '\\');
		trace_seq_putc(s, quote);
	} else if (c < ' ' || c > '~') {
		trace_seq_printf(s, "\\x%02x", c);
	} else {
		trace_seq_putc(s, (char)c);
	}
}

/* @value's low @size bytes; above them a register may hold anything. */
static u64 cut(u64 value, unsigned int size, bool is_signed)
{
	unsigned int unused = size && size < 8 ? 64 - 8 * size : 0;

	return is_signed ? (u64)((s64)(value << unused) >> unused) : value << unused >> unused;
}

static void print_enum(struct trace_seq *s, const struct prototype *prototype,
		       const struct prototype_type *type, u64 value)
{
	const char *name = prototype_enumerator(prototype, type, (u32)value);

	if (name)
		trace_seq_printf(s, "%.*s", NAME_MAX, name);
	else
		trace_seq_printf(s, "%lld", (long long)value);
}

/* Numbers are printed as Linux prints those of its types: signed ones in decimal, others in hex. */
static void print_value(struct trace_seq *s, const struct prototype *prototype,
			const struct prototype_type *type, u64 value)
{
	bool is_signed = type->kind == PROTOTYPE_SIGNED || type->kind == PROTOTYPE_ENUM_SIGNED;

	/* A register is wider than most types, and what its upper bits hold is nobody's promise. */
	value = cut(value, type->size, is_signed);
	switch (type->kind) {
	case PROTOTYPE_BOOL:
		trace_seq_puts(s, value ? "true" : "false");
		break;
	case PROTOTYPE_CHAR:
		trace_seq_putc(s, '\'');
		print_char(s, (u8)value, '\'');
		trace_seq_putc(s, '\'');
		break;
	case PROTOTYPE_SIGNED:
		trace_seq_printf(s, "%lld", (long long)value);
		break;
	case PROTOTYPE_ENUM_SIGNED:
	case PROTOTYPE_ENUM_UNSIGNED:
		print_enum(s, prototype, type, value);
		break;
	case PROTOTYPE_STRUCTURE:
		trace_seq_puts(s, "{...}");
		break;
	default:
		trace_seq_printf(s, "0x%llx", (unsigned long long)value);
	}
}

/* --- Arguments --- */

static void take_recorded(struct recorded *r, const struct prototype *prototype, const void *args,
			  size_t size)
{
	size_t most = size / sizeof(r->words[0]);

	/* The prototype may be another one than when the call was recorded. */
	r->nr_words = (unsigned int)min((size_t)prototype_words(prototype, TRACE_ARGS_WORDS), most);
	memcpy(r->words, args, r->nr_words * sizeof(r->words[0]));
	r->strings = (const u8 *)args + r->nr_words * sizeof(r->words[0]);
	r->end = (const u8 *)args + size;
}

static void print_string(struct trace_seq *s, struct recorded *r, unsigned long pointer)
{
	unsigned int len = r->strings < r->end ? *r->strings++ : TRACE_STRING_UNREADABLE;
	bool is_cut = len & TRACE_STRING_CUT;

	len &= ~(unsigned int)TRACE_STRING_CUT;
	if (len > TRACE_STRING_MAX || len > (size_t)(r->end - r->strings)) {
		trace_seq_printf(s, "0x%lx", pointer);
		return;
	}
	trace_seq_putc(s, '"');
	for (; len; len--)
		print_char(s, *r->strings++, '"');
	trace_seq_puts(s, is_cut ? "\"..." : "\"");
}

static void print_arg(struct trace_seq *s, const struct prototype *prototype,
		      const struct prototype_arg *arg, struct recorded *r)
{
	u64 value = arg->nr_words ? r->words[arg->word] : 0;

	/* On a machine of 32 bits a long value has two words, the low one first. */
	if (sizeof(long) < sizeof(u64) && arg->nr_words > 1)
		value |= (u64)r->words[arg->word + 1] << 32;
	trace_seq_printf(s, "%.*s=", NAME_MAX, arg->name);
	if (arg->type.kind == PROTOTYPE_STRING)
		print_string(s, r, (unsigned long)value);
	else
		print_value(s, prototype, &arg->type, value);
}

static void print_all(struct trace_seq *s, const struct prototype *prototype, struct recorded *r)
{
	struct prototype_walk walk;
	struct prototype_arg arg;
	const char *separator = "";
	bool more = prototype->variadic;

	prototype_walk_start(&walk, prototype);
	while (prototype_walk_next(&walk, &arg)) {
		/* Later ones may be in registers, but a list with holes would mislead. */
		if (arg.word + arg.nr_words > r->nr_words && arg.nr_words) {
			more = true;
			break;
		}
		trace_seq_puts(s, separator);
		print_arg(s, prototype, &arg, r);
		separator = ", ";
	}
	if (more) {
		trace_seq_puts(s, separator);
		trace_seq_puts(s, "...");
	}
}

void trace_print_args(struct trace_seq *s, unsigned long ip, const void *args, size_t size)
{
	unsigned long flags = arch_irq_save();
	struct prototype prototype;
	struct recorded recorded;

	trace_seq_putc(s, '(');
	if (prototype_find(&prototype, ip)) {
		take_recorded(&recorded, &prototype, args, size);
		print_all(s, &prototype, &recorded);
	}
	trace_seq_putc(s, ')');
	arch_irq_restore(flags);
}

/* --- Results --- */

/* A pointer may be an error number, as ERR_PTR() makes it. */
static bool is_error(const struct prototype_type *type, unsigned long value)
{
	return (type->kind == PROTOTYPE_POINTER || type->kind == PROTOTYPE_STRING) &&
	       -value - 1 < ERRNO_MAX;
}

static bool print_known(struct trace_seq *s, const struct prototype *prototype, unsigned long low,
			unsigned long high, bool has_high)
{
	const struct prototype_type *type = &prototype->result;
	u64 value = low;

	if (type->size > sizeof(long) && type->kind != PROTOTYPE_STRUCTURE) {
		if (!has_high)
			return false;
		value |= (u64)high << 32;
	}
	trace_seq_puts(s, "= ");
	if (is_error(type, low))
		trace_seq_printf(s, "%ld", (long)low);
	else
		print_value(s, prototype, type, value);
	return true;
}

bool trace_print_result(struct trace_seq *s, unsigned long ip, unsigned long low,
			unsigned long high, bool has_high)
{
	unsigned long flags = arch_irq_save();
	struct prototype prototype;
	bool known = prototype_find(&prototype, ip) &&
		     print_known(s, &prototype, low, high, has_high);

	arch_irq_restore(flags);
	return known;
}

bool trace_has_no_result(unsigned long ip)
{
	unsigned long flags = arch_irq_save();
	struct prototype prototype;
	bool none = prototype_find(&prototype, ip) && prototype.result.kind == PROTOTYPE_VOID;

	arch_irq_restore(flags);
	return none;
}
