/* SPDX-License-Identifier: MIT */
/*
 * Parsing of formats whose text is stored unformatted, and printing of such texts. A conversion is
 * printed by itself, with its argument taken from the event. Untraced.
 */
#include "trace/output/trace_bprint.h"
#include "kernel/lib/ctype.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"

#define BPRINT_SPEC_MAX 31u		/* characters of one conversion */

struct bprint_part {
	const char *start;		/* at the '%' */
	unsigned int len;
	unsigned int nr_stars;		/* widths and precisions that are arguments of 4 bytes */
	enum bprint_kind kind;
};

/* Skip flags, width and precision, and count what of these are arguments. */
static const char *skip_counts(const char *fmt, unsigned int *nr_stars, bool *precision)
{
	*nr_stars = 0;
	*precision = false;
	for (; *fmt && strchr("-+ #0123456789.*", *fmt); fmt++) {
		*nr_stars += *fmt == '*';
		*precision |= *fmt == '.';
	}
	return fmt;
}

static enum bprint_kind kind_of_size(size_t size)
{
	/* A shorter one is passed as an int, but printed cut: that is left to printk itself. */
	if (size < sizeof(int))
		return BPRINT_OTHER;
	return size == sizeof(u64) ? BPRINT_DWORD : BPRINT_WORD;
}

/*
 * %p alone, and with those letters for which Linux stores the pointer. The letters after it belong
 * to the conversion, whatever they are.
 */
static const char *parse_pointer(const char *fmt, enum bprint_kind *kind)
{
	bool by_value = !isalnum(*fmt) || strchr("sSxKe", *fmt);

	*kind = by_value ? kind_of_size(sizeof(void *)) : BPRINT_OTHER;
	while (isalnum(*fmt))
		fmt++;
	return fmt;
}

/* Parse the conversion at @fmt, where there is a '%'; returns the position after it. */
static const char *parse_part(const char *fmt, struct bprint_part *part)
{
	bool precision;
	size_t size;

	part->start = fmt;
	fmt = skip_counts(fmt + 1, &part->nr_stars, &precision);
	fmt = printf_length(fmt, &size);
	switch (*fmt ? *fmt++ : '\0') {
	case 'd':
	case 'i':
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		part->kind = kind_of_size(size);
		break;
	case 'p':
		fmt = parse_pointer(fmt, &part->kind);
		break;
	case 's':
		/* With a precision the string need not be terminated. */
		part->kind = precision ? BPRINT_OTHER : BPRINT_STRING;
		break;
	case '%':
		part->kind = fmt - part->start == 2 ? BPRINT_PERCENT : BPRINT_OTHER;
		break;
	default:
		part->kind = BPRINT_OTHER;
	}
	part->len = (unsigned int)(fmt - part->start);
	if (part->len > BPRINT_SPEC_MAX || part->nr_stars > 2)
		part->kind = BPRINT_OTHER;
	return fmt;
}

/* Add an argument; BPRINT_TEXT if it is one too many. */
static u32 add_argument(u32 layout, unsigned int nr, enum bprint_kind kind)
{
	if (nr >= BPRINT_ARGS_MAX)
		return layout | BPRINT_TEXT;
	layout |= (u32)kind << 2 * nr;
	if (kind == BPRINT_STRING)
		return layout | BPRINT_STRINGS;
	return layout + ((kind == BPRINT_DWORD ? 2u : 1u) << BPRINT_WORDS_SHIFT);
}

u32 bprint_layout(const char *fmt)
{
	struct bprint_part part;
	unsigned int nr = 0;
	u32 layout = 0;

	while (*fmt) {
		if (*fmt != '%') {
			fmt++;
			continue;
		}
		fmt = parse_part(fmt, &part);
		for (unsigned int i = 0; i < part.nr_stars; i++)
			layout = add_argument(layout, nr++, BPRINT_WORD);
		if (part.kind == BPRINT_OTHER)
			layout |= BPRINT_TEXT;
		else if (part.kind != BPRINT_PERCENT)
			layout = add_argument(layout, nr++, part.kind);
		/* Of a conversion that is not known, nobody knows which arguments it takes. */
		if (layout & BPRINT_TEXT)
			return BPRINT_TEXT;
	}
	if (!(layout & BPRINT_STRINGS) && BPRINT_WORDS(layout) <= BPRINT_PLAIN_WORDS)
		layout |= BPRINT_PLAIN;
	return layout;
}

/* --- Printing --- */

struct bprint_args {
	const u8 *args;
	size_t pos, size;
};

/* Copy the next argument of @size bytes, which is at a multiple of 4; false if there is none. */
static bool take(struct bprint_args *args, void *value, size_t size)
{
	args->pos = ALIGN_UP(args->pos, 4);
	if (args->pos > args->size || size > args->size - args->pos)
		return false;
	memcpy(value, args->args + args->pos, size);
	args->pos += size;
	return true;
}

/* The next argument, a string; NULL if it is not terminated. */
static const char *take_string(struct bprint_args *args)
{
	const char *string = (const char *)args->args + args->pos;
	size_t len = strnlen(string, args->size - args->pos);

	if (len == args->size - args->pos)
		return NULL;
	args->pos += len + 1;
	return string;
}

#define PUT(s, spec, nr_stars, stars, value)						\
	((nr_stars) == 0 ? trace_seq_printf(s, spec, value) :				\
	 (nr_stars) == 1 ? trace_seq_printf(s, spec, (stars)[0], value) :		\
			   trace_seq_printf(s, spec, (stars)[0], (stars)[1], value))

/* Print one conversion; false if the event ends before its argument. */
static bool put_part(struct trace_seq *s, const struct bprint_part *part, struct bprint_args *args)
{
	char spec[BPRINT_SPEC_MAX + 1];
	int stars[2] = { 0, 0 };
	const char *string;
	u32 word;
	u64 dword;

	/* The printf that prints the part needs it as a string; parse_part() has limited it. */
	memcpy(spec, part->start, part->len);
	spec[part->len] = '\0';
	for (unsigned int i = 0; i < part->nr_stars; i++)
		if (!take(args, &stars[i], sizeof(stars[i])))
			return false;
	switch (part->kind) {
	case BPRINT_PERCENT:
		trace_seq_putc(s, '%');
		return true;
	case BPRINT_WORD:
		if (!take(args, &word, sizeof(word)))
			return false;
		PUT(s, spec, part->nr_stars, stars, word);
		return true;
	case BPRINT_DWORD:
		if (!take(args, &dword, sizeof(dword)))
			return false;
		PUT(s, spec, part->nr_stars, stars, dword);
		return true;
	case BPRINT_STRING:
		string = take_string(args);
		if (!string)
			return false;
		PUT(s, spec, part->nr_stars, stars, string);
		return true;
	default:
		return false;
	}
}

void trace_seq_bprintf(struct trace_seq *s, const char *fmt, const void *args, size_t size)
{
	struct bprint_args rest = { args, 0, size };
	const char *conversion;
	struct bprint_part part;

	while ((conversion = strchr(fmt, '%'))) {
		trace_seq_putmem(s, fmt, (size_t)(conversion - fmt));
		fmt = parse_part(conversion, &part);
		/* The writer stores all arguments, so somebody has damaged this event. */
		if (!put_part(s, &part, &rest))
			return;
	}
	trace_seq_puts(s, fmt);
}
