/* SPDX-License-Identifier: MIT */
/*
 * Symbol lookups. Functions of the image are in a table that tools/symbols.py makes from the linked
 * image: sorted offsets from _text, where each name starts, and the order of the names. Modules and
 * generated code are in a list of ranges. Untraced; lookups allocate nothing and take no lock.
 * Instead, readers of the list have interrupts off: after taking a range out,
 * kallsyms_remove_range() waits until every CPU has had interrupts on, and then no reader is left.
 */
#include "kernel/kallsyms.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/sort.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/printk.h"
#include "kernel/sched/spinlock.h"
#include "kernel/smp.h"

extern const u32 kallsyms_num[1], kallsyms_offsets[], kallsyms_name_offsets[], kallsyms_by_name[];
extern const char kallsyms_names[];
extern const u32 kallsyms_num_exports[1], kallsyms_exports[];
extern const char kernel_prototypes[];

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

/* For the search: compares the address *@key with the symbol whose offset is *@element. */
static int compare_symbol(const void *key, const void *element)
{
	unsigned long addr = *(const unsigned long *)key;
	unsigned int index = (unsigned int)((const u32 *)element - kallsyms_offsets);

	if (addr < symbol_address(index))
		return -1;
	return index + 1 < kallsyms_num[0] && addr >= symbol_address(index + 1);
}

/*
 * The index of the last symbol at or below @addr; if several have the same address, the first of
 * them. There is such a symbol.
 */
static unsigned int find_symbol(unsigned long addr)
{
	const u32 *offset = __inline_bsearch(&addr, kallsyms_offsets, kallsyms_num[0],
					     sizeof(*offset),
				    compare_symbol);
	unsigned int index = (unsigned int)(offset - kallsyms_offsets);

	while (index && symbol_address(index - 1) == symbol_address(index))
		index--;
	return index;
}

static const struct ksym_range *find_range(unsigned long addr)
{
	const struct ksym_range *range = smp_load_acquire(&ranges);

	assert_irqs_off();
	for (; range; range = smp_load_acquire(&range->next)) {
		if (addr - range->start < range->size)
			return range;
	}
	return NULL;
}

static int compare_entry(const void *key, const void *element)
{
	unsigned long offset = *(const unsigned long *)key;
	const struct ksym_entry *entry = element;

	if (offset < entry->offset)
		return -1;
	return offset - entry->offset >= entry->size;
}

/* The function of a module's table that contains @offset; NULL if none does. */
static const struct ksym_entry *find_entry(const struct ksym_table *table, unsigned long offset)
{
	return __inline_bsearch(&offset, table->entries, table->nr, sizeof(table->entries[0]),
		       compare_entry);
}

static bool find_in_image(unsigned long addr, struct ksym *sym)
{
	unsigned long start, size;
	unsigned int index;

	/* The first of the image's two links has no table yet. */
	if (!kallsyms_num[0] || addr < symbol_address(0))
		return false;
	index = find_symbol(addr);
	start = symbol_address(index);
	/* For all but the last of several aliases symbol_end() gives their own start. */
	for (size = symbol_end(index) - start; !size; )
		size = symbol_end(++index) - start;
	*sym = (struct ksym){ symbol_name(index), "", size, addr - start };
	return sym->offset < size;
}

static bool find_in_ranges(unsigned long addr, struct ksym *sym)
{
	const struct ksym_range *range = find_range(addr);
	const struct ksym_entry *entry;
	unsigned long offset;

	if (!range)
		return false;
	offset = addr - range->start;
	*sym = (struct ksym){
		range->name, range->module ? range->module : "", range->size, offset
	};
	/* A trampoline or stub is one symbol as a whole; a module has a table of its functions. */
	if (!range->table)
		return true;
	entry = find_entry(range->table, offset);
	if (!entry)
		return false;
	sym->name = entry->name;
	sym->size = entry->size;
	sym->offset = offset - entry->offset;
	return true;
}

bool kallsyms_lookup(unsigned long addr, struct ksym *sym)
{
	assert_irqs_off();
	/* The image comes first: most addresses are in it, and need no walk of the list. */
	return in_kernel_text(addr) ? find_in_image(addr, sym) : find_in_ranges(addr, sym);
}

const void *kallsyms_prototypes(unsigned long addr, u32 *key)
{
	const struct ksym_range *range;
	const struct ksym_entry *entry;

	assert_irqs_off();
	if (in_kernel_text(addr)) {
		*key = kallsyms_offsets[find_symbol(addr)];
		return kernel_prototypes;
	}
	range = find_range(addr);
	if (!range || !range->prototypes)
		return NULL;
	/* A module's file does not know where its functions will be, so its keys are of names. */
	entry = find_entry(range->table, addr - range->start);
	if (!entry)
		return NULL;
	*key = ksym_hash(entry->name);
	return range->prototypes;
}

bool kallsyms_lookup_size_offset(unsigned long addr, unsigned long *size, unsigned long *offset)
{
	unsigned long flags = arch_irq_save();
	struct ksym sym;
	bool found = kallsyms_lookup(addr, &sym);

	arch_irq_restore(flags);
	if (!found)
		return false;
	if (size)
		*size = sym.size;
	if (offset)
		*offset = sym.offset;
	return true;
}

int lookup_symbol_name(unsigned long addr, char *name)
{
	unsigned long flags = arch_irq_save();
	struct ksym sym;
	bool found = kallsyms_lookup(addr, &sym);

	if (found)
		strscpy(name, sym.name, KSYM_NAME_LEN);
	arch_irq_restore(flags);
	return found ? 0 : -ERANGE;
}

static int compare_name(const void *key, const void *element)
{
	return strcmp(key, symbol_name(*(const u32 *)element));
}

static int each_match_in_image(int (*fn)(void *data, unsigned long addr), const char *name,
			       void *data)
{
	const u32 *end = kallsyms_by_name + kallsyms_num[0];
	const u32 *index = __inline_bsearch(name, kallsyms_by_name, kallsyms_num[0],
					    sizeof(*index), compare_name);
	int ret = 0;

	if (!index)
		return 0;
	/* The search may have met any of several. */
	while (index > kallsyms_by_name && !compare_name(name, index - 1))
		index--;
	for (; index < end && !ret && !compare_name(name, index); index++)
		ret = fn(data, symbol_address(*index));
	return ret;
}

static int each_match_in_range(int (*fn)(void *data, unsigned long addr), const char *name,
			       void *data, const struct ksym_range *range)
{
	const struct ksym_table *table = range->table;
	const struct ksym_entry *entry;
	int ret = 0;

	if (!table)
		return strcmp(range->name, name) ? 0 : fn(data, range->start);
	/* A table of no functions may have no heads either. */
	if (!table->nr)
		return 0;
	for (u32 n = table->heads[ksym_hash(name) & (table->nr_heads - 1)]; n && !ret;
	     n = entry->next) {
		entry = &table->entries[n - 1];
		if (!strcmp(entry->name, name))
			ret = fn(data, range->start + entry->offset);
	}
	return ret;
}

int kallsyms_on_each_match_symbol(int (*fn)(void *data, unsigned long addr), const char *name,
				  void *data)
{
	unsigned long flags = arch_irq_save();
	int ret = each_match_in_image(fn, name, data);

	for (const struct ksym_range *r = smp_load_acquire(&ranges); r && !ret;
	     r = smp_load_acquire(&r->next))
		ret = each_match_in_range(fn, name, data, r);
	arch_irq_restore(flags);
	return ret;
}

static int take_first(void *data, unsigned long addr)
{
	*(unsigned long *)data = addr;
	return 1;
}

unsigned long kallsyms_lookup_name(const char *name)
{
	unsigned long addr = 0;

	kallsyms_on_each_match_symbol(take_first, name, &addr);
	return addr;
}

/* Exports are pairs, sorted by name: where the name starts, and how far away the symbol is. */
static int compare_export(const void *key, const void *element)
{
	return strcmp(key, kallsyms_names + *(const u32 *)element);
}

bool kallsyms_exported(const char *name, unsigned long *addr)
{
	const u32 *pair = __inline_bsearch(name, kallsyms_exports, kallsyms_num_exports[0],
					   2 * sizeof(*pair), compare_export);

	if (pair)
		*addr = (unsigned long)&pair[1] + (long)(s32)pair[1];
	return pair;
}

bool kallsyms_module_at(unsigned int index, const char **name, unsigned long *addr,
			const char **modname)
{
	const struct ksym_range *r = smp_load_acquire(&ranges);

	assert_irqs_off();
	for (; r; r = smp_load_acquire(&r->next)) {
		if (!r->table)
			continue;
		/* A module's indexes follow those of the module before it in the list. */
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

int snprint_symbol(char *buf, size_t size, unsigned long addr, char letter)
{
	unsigned long flags = arch_irq_save(), back = letter == 'B';
	struct ksym sym;
	int len;

	/* Print with interrupts off: once they are on, the name may be freed with its module. */
	if (!kallsyms_lookup(addr - back, &sym))
		len = snprintf(buf, size, "0x%lx", addr);
	else if (letter == 's')
		len = snprintf(buf, size, *sym.module ? "%s [%s]" : "%s", sym.name, sym.module);
	else
		len = snprintf(buf, size, *sym.module ? "%s+0x%lx/0x%lx [%s]" : "%s+0x%lx/0x%lx",
			       sym.name, sym.offset + back, sym.size, sym.module);
	arch_irq_restore(flags);
	return len;
}

int sprint_symbol(char *buf, unsigned long addr)
{
	return snprint_symbol(buf, KSYM_SYMBOL_LEN, addr, 'S');
}

int sprint_symbol_no_offset(char *buf, unsigned long addr)
{
	return snprint_symbol(buf, KSYM_SYMBOL_LEN, addr, 's');
}

bool kernel_text_address(unsigned long addr)
{
	unsigned long flags;
	bool found;

	if (in_kernel_text(addr))
		return true;
	flags = arch_irq_save();
	found = find_range(addr);
	arch_irq_restore(flags);
	return found;
}

void kallsyms_add_range(struct ksym_range *entry)
{
	unsigned long flags;

	spin_lock_irqsave(&ranges_lock, flags);
	entry->next = ranges;
	/* Readers take no lock, so they must find the entry complete or not at all. */
	smp_store_release(&ranges, entry);
	spin_unlock_irqrestore(&ranges_lock, flags);
}

void kallsyms_remove_range(struct ksym_range *entry)
{
	struct ksym_range **link;
	unsigned long flags;

	assert_irqs_on();
	spin_lock_irqsave(&ranges_lock, flags);
	for (link = &ranges; *link; link = &(*link)->next) {
		if (*link == entry) {
			/* entry->next keeps its value, for a reader that is at @entry now. */
			smp_store_release(link, entry->next);
			break;
		}
	}
	spin_unlock_irqrestore(&ranges_lock, flags);
	smp_wait_irqs_off();
}

void kallsyms_drop_init(void)
{
	WRITE_ONCE(init_text_gone, true);
}
