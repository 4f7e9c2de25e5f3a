/* SPDX-License-Identifier: MIT */
/*
 * Runs the programs of arguments. They are people's text, so an address may be any: memory is read
 * by loads that may fault. Untraced, and for any context.
 */
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "trace/probes/probe.h"

#define PART 16u			/* bytes of a text that are read at once, within a page */

static u64 two_words(unsigned long low, unsigned long high)
{
	return sizeof(long) == sizeof(u64) ? low : low | (u64)high << 32;
}

/* What the first step leaves. Texts are not asked for here. */
static __always_inline u64 first_value(const struct fetch_step *step,
				       const struct probe_source *source)
{
	const struct ftrace_regs *fregs = source->fregs;

	switch (step->op) {
	case FETCH_WORD:
		return source->words[step->value];
	case FETCH_TWO_WORDS:
		return two_words(source->words[step->value], source->words[step->value + 1]);
	case FETCH_REGISTER:
		return *(const unsigned long *)(const void *)((const char *)fregs + step->value);
	case FETCH_RESULT:
		return ftrace_regs_get_return_value(fregs);
	case FETCH_WIDE_RESULT:
		/* The second register of a result is that of the second argument. */
		return two_words(ftrace_regs_get_return_value(fregs),
				 ftrace_regs_get_argument(fregs, 1));
	case FETCH_STACK_POINTER:
		return ftrace_regs_get_stack_pointer(fregs);
	default:
		return step->value;
	}
}

/* Follow addresses up to the last step, which is left to the caller. False: one leads nowhere. */
static bool follow(const struct probe_arg *arg, u64 *value)
{
	unsigned long word;

	for (unsigned int i = 1; i + 1 < arg->nr_steps; i++) {
		if (arch_read_nofault(&word, (const void *)((unsigned long)*value +
							   arg->steps[i].value), sizeof(word)))
			return false;
		*value = word;
	}
	return true;
}

/* --- Numbers --- */

static u64 take_bits(const struct probe_arg *arg, u64 value)
{
	return value >> arg->shift & (~0ull >> (64 - arg->bits));
}

static void store_numbers(const struct probe_arg *arg, const struct probe_source *source, char *to)
{
	unsigned int size = arg->type->size, nr = arg->count ? arg->count : 1;
	u64 value = first_value(&arg->steps[0], source);
	unsigned long from;

	if (arg->nr_steps == 1) {
		if (arg->bits)
			value = take_bits(arg, value);
		memcpy(to, &value, size);
		return;
	}
	/* Like a number that cannot be read, below: the record has no room to say so. */
	if (!follow(arg, &value)) {
		memset(to, 0, (size_t)size * nr);
		return;
	}
	from = (unsigned long)value + arg->steps[arg->nr_steps - 1].value;
	for (; nr; nr--, from += size, to += size) {
		value = 0;
		if (arch_read_nofault(&value, (const void *)from, size))
			value = 0;
		if (arg->bits)
			value = take_bits(arg, value);
		memcpy(to, &value, size);
	}
}

/* --- Texts --- */

/* Returns how many bytes the text takes, with its NUL; 0: there is nothing to read. */
static unsigned int copy_text(char *to, unsigned int room, unsigned long from)
{
	char part[PART];
	unsigned int len = 0;

	while (room) {
		/* No part reaches into another page: a text is read up to the last mapped one. */
		unsigned int nr = PART - (unsigned int)(from % PART);

		if (arch_read_nofault(part, (const void *)from, nr))
			break;
		for (unsigned int i = 0; i < nr; i++) {
			if (!part[i] || len + 1 == room) {
				to[len] = '\0';
				return len + 1;
			}
			to[len++] = part[i];
		}
		from += nr;
	}
	if (!len)
		return 0;
	to[len] = '\0';
	return len + 1;
}

static unsigned int copy_known(char *to, unsigned int room, const char *text)
{
	size_t len = strnlen(text, room - 1);

	memcpy(to, text, len);
	to[len] = '\0';
	return (unsigned int)len + 1;
}

static unsigned int copy_symbol(char *to, unsigned int room, unsigned long addr)
{
	return (unsigned int)min((size_t)snprint_symbol(to, room, addr, 'S'),
				 (size_t)room - 1) + 1;
}

/* Which text it is that belongs to the value, or to the memory that the last step leads to. */
static unsigned int one_text(const struct probe_arg *arg, const struct probe_source *source,
			     unsigned int index, char *to, unsigned int room)
{
	const struct fetch_step *last = &arg->steps[arg->nr_steps - 1];
	u64 value;
	unsigned long at, word;

	if (last->op == FETCH_COMM)
		return copy_known(to, room, current->comm);
	if (last->op == FETCH_STRING)
		return copy_known(to, room, arg->string);
	value = first_value(&arg->steps[0], source);
	if (!follow(arg, &value))
		return 0;
	if (last->op != FETCH_MEMORY)
		return copy_symbol(to, room, (unsigned long)value);
	at = (unsigned long)value + last->value + index * sizeof(long);
	if (!arg->count && !arg->type->symbol_text)
		return copy_text(to, room, at);
	/* The elements of an array of texts are their addresses. */
	if (arch_read_nofault(&word, (const void *)at, sizeof(word)))
		return 0;
	return arg->type->symbol_text ? copy_symbol(to, room, word) : copy_text(to, room, word);
}

static void store_texts(const struct probe_arg *arg, const struct probe_source *source,
			char *record, unsigned int *end, unsigned int room)
{
	u32 *places = (u32 *)(void *)(record + arg->offset);
	unsigned int nr = arg->count ? arg->count : 1;

	for (unsigned int i = 0; i < nr; i++) {
		unsigned int len = 0;

		/* A text needs room for a NUL at least; without any it is as if it were nowhere. */
		if (*end + 1 < room)
			len = one_text(arg, source, i, record + *end, room - *end);
		places[i] = *end | len << 16;
		*end += len;
	}
}

void probe_fetch_args(const struct probe_event *event, const struct probe_source *source,
		      char *record, unsigned int *end, unsigned int room)
{
	for (unsigned int i = 0; i < event->nr_args; i++) {
		const struct probe_arg *arg = &event->args[i];

		if (probe_arg_is_text(arg))
			store_texts(arg, source, record, end, room);
		else
			store_numbers(arg, source, record + arg->offset);
	}
}
