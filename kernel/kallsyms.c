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
extern const u32 kallsyms_num_exports[1], kallsyms_exports[];
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

/* The function of a module's table that contains @offset; NULL if none does. */
static const struct ksym_entry *find_entry(const struct ksym_table *table, unsigned long offset)
{
	unsigned int low = 0, high = table->nr;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (table->entries[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || offset - table->entries[low - 1].offset >= table->entries[low - 1].size)
		return NULL;
	return &table->entries[low - 1];
}

const char *kallsyms_lookup(unsigned long addr, unsigned long *size, unsigned long *offset,
			    const char **modname)
{
	unsigned long start, length;
	const char *name, *module = "";

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
		module = range->module ? range->module : "";
		if (range->table) {
			const struct ksym_entry *entry = find_entry(range->table, addr - start);

			if (!entry)
				return NULL;
			start += entry->offset;
			length = entry->size;
			name = entry->name;
		}
	}
	if (addr - start >= length)
		return NULL;
	if (size)
		*size = length;
	if (offset)
		*offset = addr - start;
	if (modname)
		*modname = module;
	return name;
}

unsigned long kallsyms_lookup_name(const char *name)
{
	for (unsigned int i = 0; i < kallsyms_num[0]; i++) {
		if (!strcmp(symbol_name(i), name))
			return symbol_address(i);
	}
	for (const struct ksym_range *r = smp_load_acquire(&ranges); r; r = r->next) {
		for (unsigned int i = 0; r->table && i < r->table->nr; i++) {
			if (!strcmp(r->table->entries[i].name, name))
				return r->start + r->table->entries[i].offset;
		}
		if (!r->table && !strcmp(r->name, name))
			return r->start;
	}
	return 0;
}

/* Pairs {where the name starts, offset from _text}, sorted by name. */
bool kallsyms_exported(const char *name, unsigned long *addr)
{
	unsigned int low = 0, high = kallsyms_num_exports[0];

	while (low < high) {
		unsigned int middle = (low + high) / 2;
		int order = strcmp(kallsyms_names + kallsyms_exports[2 * middle], name);

		if (!order) {
			*addr = (unsigned long)_text + kallsyms_exports[2 * middle + 1];
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool kallsyms_module_at(unsigned int index, const char **name, unsigned long *addr,
			const char **modname)
{
	const struct ksym_range *r = smp_load_acquire(&ranges);

	for (; r; r = smp_load_acquire(&r->next)) {
		if (!r->table)
			continue;
		if (index < r->table->nr) {
			*name = r->table->entries[index].name;
			*addr = r->start + r->table->entries[index].offset;
			*modname = r->module;
			return true;
		}
		index -= r->table->nr;
	}
	return false;
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
	const char *module;
	const char *name = kallsyms_lookup(addr, &size, &offset, &module);

	if (!name)
		return scnprintf(buf, KSYM_SYMBOL_LEN, "0x%lx", addr);
	return scnprintf(buf, KSYM_SYMBOL_LEN, *module ? "%s+0x%lx/0x%lx [%s]" : "%s+0x%lx/0x%lx",
			 name, offset, size, module);
}

int sprint_symbol_no_offset(char *buf, unsigned long addr)
{
	const char *module;
	const char *name = kallsyms_lookup(addr, NULL, NULL, &module);

	if (!name)
		return scnprintf(buf, KSYM_SYMBOL_LEN, "0x%lx", addr);
	return scnprintf(buf, KSYM_SYMBOL_LEN, *module ? "%s [%s]" : "%s", name, module);
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
