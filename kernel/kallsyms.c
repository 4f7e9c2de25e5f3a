/* SPDX-License-Identifier: MIT */
/*
 * Symbol lookups in the table that tools/symbols.py makes from the linked
 * image: offsets from _text, sorted, and where each name starts. Generated code is found
 * through a list of ranges. No locks on the reading side, no allocation, untraced.
 */
#include "kernel/kallsyms.h"
#include "kernel/printk.h"
#include "kernel/spinlock.h"
#include "kernel/string.h"

extern const u32 kallsyms_num[1], kallsyms_offsets[], kallsyms_name_offsets[];
extern const char kallsyms_names[];
extern char _text[], _etext[], _sinittext[], _einittext[];

static struct ksym_range *ranges;
static DEFINE_SPINLOCK(ranges_lock);
static bool init_text_gone;

static bool in_range(unsigned long addr, const char *start, const char *end)
{
	return addr >= (unsigned long)start && addr < (unsigned long)end;
}

static bool in_kernel_text(unsigned long addr)
{
	return in_range(addr, _text, _etext) ||
	       (!READ_ONCE(init_text_gone) && in_range(addr, _sinittext, _einittext));
}

static unsigned long symbol_address(unsigned int index)
{
	return (unsigned long)_text + kallsyms_offsets[index];
}

static const char *symbol_name(unsigned int index)
{
	return kallsyms_names + kallsyms_name_offsets[index];
}

/* A symbol ends where the next one starts, or where its part of the text ends. */
static unsigned long symbol_end(unsigned int index)
{
	unsigned long addr = symbol_address(index);
	unsigned long end = in_range(addr, _text, _etext) ? (unsigned long)_etext :
							    (unsigned long)_einittext;

	if (index + 1 < kallsyms_num[0])
		end = min(end, symbol_address(index + 1));
	return end;
}

/* The last symbol at or below @addr. Aliases at one address: the first of them. */
static unsigned int find_symbol(unsigned long addr)
{
	unsigned int low = 0, high = kallsyms_num[0];

	while (high - low > 1) {
		unsigned int middle = low + (high - low) / 2;

		if (symbol_address(middle) <= addr)
			low = middle;
		else
			high = middle;
	}
	while (low && symbol_address(low - 1) == symbol_address(low))
		low--;
	return low;
}

static const struct ksym_range *find_range(unsigned long addr)
{
	const struct ksym_range *range = smp_load_acquire(&ranges);

	for (; range; range = smp_load_acquire(&range->next)) {
		if (addr - range->start < range->size)
			return range;
	}
	return NULL;
}

const char *kallsyms_lookup(unsigned long addr, unsigned long *size, unsigned long *offset,
			    const char **modname)
{
	unsigned long start, length;
	const char *name;

	if (in_kernel_text(addr)) {
		unsigned int index;

		if (!kallsyms_num[0] || addr < symbol_address(0))
			return NULL;
		index = find_symbol(addr);
		start = symbol_address(index);
		for (length = symbol_end(index) - start; !length; )
			length = symbol_end(++index) - start;
		name = symbol_name(index);
	} else {
		const struct ksym_range *range = find_range(addr);

		if (!range)
			return NULL;
		start = range->start;
		length = range->size;
		name = range->name;
	}
	if (addr - start >= length)
		return NULL;
	if (size)
		*size = length;
	if (offset)
		*offset = addr - start;
	if (modname)
		*modname = "";
	return name;
}

unsigned long kallsyms_lookup_name(const char *name)
{
	for (unsigned int i = 0; i < kallsyms_num[0]; i++) {
		if (!strcmp(symbol_name(i), name))
			return symbol_address(i);
	}
	for (const struct ksym_range *r = smp_load_acquire(&ranges); r; r = r->next) {
		if (!strcmp(r->name, name))
			return r->start;
	}
	return 0;
}

bool kallsyms_at(unsigned int index, const char **name, unsigned long *addr)
{
	if (index >= kallsyms_num[0])
		return false;
	*name = symbol_name(index);
	*addr = symbol_address(index);
	return true;
}

unsigned int kallsyms_count(void)
{
	return kallsyms_num[0];
}

int sprint_symbol(char *buf, unsigned long addr)
{
	unsigned long size, offset;
	const char *name = kallsyms_lookup(addr, &size, &offset, NULL);

	if (!name)
		return scnprintf(buf, KSYM_SYMBOL_LEN, "0x%lx", addr);
	return scnprintf(buf, KSYM_SYMBOL_LEN, "%s+0x%lx/0x%lx", name, offset, size);
}

int sprint_symbol_no_offset(char *buf, unsigned long addr)
{
	const char *name = kallsyms_lookup(addr, NULL, NULL, NULL);

	if (!name)
		return scnprintf(buf, KSYM_SYMBOL_LEN, "0x%lx", addr);
	return scnprintf(buf, KSYM_SYMBOL_LEN, "%s", name);
}

bool kernel_text_address(unsigned long addr)
{
	return in_kernel_text(addr) || find_range(addr);
}

void kallsyms_add_range(struct ksym_range *entry)
{
	unsigned long flags;

	spin_lock_irqsave(&ranges_lock, flags);
	entry->next = ranges;
	smp_store_release(&ranges, entry);
	spin_unlock_irqrestore(&ranges_lock, flags);
}

/* entry->next stays as it is, for a reader that stands on @entry. */
void kallsyms_remove_range(struct ksym_range *entry)
{
	struct ksym_range **link;
	unsigned long flags;

	spin_lock_irqsave(&ranges_lock, flags);
	for (link = &ranges; *link; link = &(*link)->next) {
		if (*link == entry) {
			smp_store_release(link, entry->next);
			break;
		}
	}
	spin_unlock_irqrestore(&ranges_lock, flags);
}

/* Init text was given back: what lies there now is no code. */
void kallsyms_drop_init(void)
{
	WRITE_ONCE(init_text_gone, true);
}
