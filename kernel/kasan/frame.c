/* SPDX-License-Identifier: MIT */
/*
 * Red zones between the variables on a stack. At a function's start the compiler poisons them by
 * stores into the shadow, and at its end it clears them again. The lowest one begins with three
 * words, which say what lies in the frame:
 *
 *	base -> magic | text | function		(KASAN_STACK_LEFT, four granules or more)
 *		variable | KASAN_STACK_MIDDLE | variable | KASAN_STACK_RIGHT
 *
 * The text is "2 48 4 3 x:4 64 20 5 buf:4": how many variables, and then for each where it lies,
 * its size, how long its name is with the line, and that.
 */
#include "kernel/kasan/kasan_internal.h"

#define FRAME_MAGIC 0x41b58ab3ul
#define FRAME_MAX (4 * PAGE_SIZE)	/* so far down the frame's base is looked for */

struct frame_words {
	unsigned long magic;
	const char *text;
	unsigned long function;
};

static u8 shadow_of(unsigned long addr)
{
	return arch_load_nofault(kasan_shadow(addr));
}

static bool is_stack_zone(u8 shadow)
{
	return shadow >= KASAN_STACK_LEFT && shadow <= KASAN_STACK_RIGHT;
}

/* The start of the frame in whose red zones @addr lies; 0 if it lies in none. */
static unsigned long frame_base(unsigned long addr)
{
	unsigned long at = ALIGN_DOWN(addr, GRANULE), lowest = at - FRAME_MAX;
	u8 shadow = shadow_of(at);

	/* A variable may end within a granule, whose shadow then tells only how much is good. */
	if (!is_stack_zone(shadow < GRANULE ? shadow_of(at + GRANULE) : shadow))
		return 0;
	while (shadow_of(at) != KASAN_STACK_LEFT) {
		if (at == lowest)
			return 0;
		at -= GRANULE;
	}
	while (shadow_of(at - GRANULE) == KASAN_STACK_LEFT)
		at -= GRANULE;
	return at;
}

static unsigned long read_number(const char **text)
{
	unsigned long value = 0;

	while (**text >= '0' && **text <= '9')
		value = 10 * value + (unsigned long)(*(*text)++ - '0');
	++*text;			/* the blank */
	return value;
}

/* How far @addr is from the @size bytes at @start. */
static unsigned long distance(unsigned long addr, unsigned long start, size_t size)
{
	if (addr < start)
		return start - addr;
	return addr - start < size ? 0 : addr - start - size;
}

bool kasan_find_variable(struct kasan_report *report)
{
	unsigned long base = frame_base(report->bad), best = ~0ul;
	struct frame_words words;
	const char *text;

	/* A bad access may have overwritten the words. */
	if (!base || arch_read_nofault(&words, (void *)base, sizeof(words)) ||
	    words.magic != FRAME_MAGIC)
		return false;
	text = words.text;
	for (unsigned long nr = read_number(&text); nr; nr--) {
		unsigned long start = base + read_number(&text), size = read_number(&text);
		unsigned int len = (unsigned int)read_number(&text);

		if (distance(report->bad, start, size) < best) {
			best = distance(report->bad, start, size);
			report->start = start;
			report->length = size;
			report->variable = text;
			report->variable_len = len;
		}
		text += len + 1;
	}
	report->function = words.function;
	return report->variable != NULL;
}
