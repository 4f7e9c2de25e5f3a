/* SPDX-License-Identifier: MIT */
/*
 * Making and reading the table of sites. ftrace_init() turns the compiler's tables into sorted
 * records and gives every site its NOP form; nothing is attached yet. What is attached to sites is
 * changed in update.c.
 */
#include "trace/core/records.h"
#include "trace/arch.h"
#include "trace/kernel.h"

DEFINE_MUTEX(ftrace_lock);
struct ftrace_group *ftrace_groups;
unsigned int ftrace_nr_records;

static int compare_addresses(const void *a, const void *b)
{
	unsigned long first = *(const unsigned long *)a, second = *(const unsigned long *)b;

	return (first > second) - (first < second);
}

/*
 * A site whose function is not a symbol is the body of a weak function that
 * lost to a strong one: never called, and it would be listed under its
 * neighbour's name. @cursor walks the kernel's symbols along with the sites.
 */
static bool belongs_to_symbol(unsigned long function, unsigned int *cursor)
{
	unsigned long addr = 0, offset;
	const char *name;

	while (kallsyms_at(*cursor, &name, &addr) && addr < function)
		++*cursor;
	return addr == function ||
	       (kallsyms_lookup_size_offset(function, NULL, &offset) && !offset);
}

static bool make_record(struct dyn_ftrace *rec, unsigned long entry, unsigned int *cursor)
{
	unsigned long ip = entry ? arch_ftrace_site(entry) : 0;

	if (!ip || !belongs_to_symbol(arch_ftrace_function(ip), cursor) ||
	    arch_ftrace_init_site(ip))
		return false;
	rec->offset = (s32)(ip - (unsigned long)_text);
	return true;
}

struct ftrace_group *ftrace_group_make(unsigned long *table, unsigned int nr,
				       unsigned int *dropped)
{
	struct ftrace_group *group = kzalloc(sizeof(*group), GFP_KERNEL);
	unsigned int i, cursor = 0;

	*dropped = 0;
	if (group)
		group->recs = kcalloc(max(nr, 1u), sizeof(*group->recs), GFP_KERNEL);
	if (!group || !group->recs) {
		kfree(group);
		return NULL;
	}
	/* The table is sorted first, because the cursor through the symbols only moves forward. */
	sort(table, nr, sizeof(*table), compare_addresses, NULL);
	for (i = 0; i < nr; i++) {
		if (make_record(&group->recs[group->nr], table[i], &cursor))
			group->nr++;
		else
			++*dropped;
	}
	return group;
}

void ftrace_group_free(struct ftrace_group *group)
{
	if (group)
		kfree(group->recs);
	kfree(group);
}

void ftrace_group_add(struct ftrace_group *group)
{
	struct ftrace_group **link = &ftrace_groups;

	while (*link && (*link)->recs[0].offset < group->recs[0].offset)
		link = &(*link)->next;
	group->next = *link;
	*link = group;
	ftrace_nr_records += group->nr;
}

void ftrace_group_unlink(struct ftrace_group *group)
{
	struct ftrace_group **link = &ftrace_groups;

	while (*link != group)
		link = &(*link)->next;
	*link = group->next;
	ftrace_nr_records -= group->nr;
}

/* Called before any module is loaded, so the first group is the kernel's. */
void ftrace_init(void)
{
	unsigned int nr = (unsigned int)(__stop_mcount_loc - __start_mcount_loc), dropped;
	struct ftrace_group *group = ftrace_group_make(__start_mcount_loc, nr, &dropped);

	assert_irqs_off();
	if (!group) {
		pr_err("ftrace: no memory for %u sites: nothing can be traced\n", nr);
		return;
	}
	ftrace_group_add(group);
	pr_info("ftrace: %u sites, %u dropped\n", group->nr, dropped);
}

/*
 * Returns the first record of @group at or after @ip, or the end of its records if there is none.
 */
static struct dyn_ftrace *first_record_from(const struct ftrace_group *group, unsigned long ip)
{
	unsigned int low = 0, high = group->nr;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (dyn_ftrace_ip(&group->recs[middle]) < ip)
			low = middle + 1;
		else
			high = middle;
	}
	return &group->recs[low];
}

/*
 * Returns the record at or after @ip in any group, or NULL if there is none. There are few groups,
 * so they are simply tried in order.
 */
static struct dyn_ftrace *record_from(unsigned long ip)
{
	const struct ftrace_group *group;

	for (group = ftrace_groups; group; group = group->next) {
		struct dyn_ftrace *rec = first_record_from(group, ip);

		if (rec < group->recs + group->nr)
			return rec;
	}
	return NULL;
}

struct dyn_ftrace *ftrace_group_find(const struct ftrace_group *group, unsigned long ip)
{
	struct dyn_ftrace *rec;

	/* This comes first because the address is mostly in another group. */
	if (ip < dyn_ftrace_ip(&group->recs[0]) || ip > dyn_ftrace_ip(&group->recs[group->nr - 1]))
		return NULL;
	rec = first_record_from(group, ip);
	return dyn_ftrace_ip(rec) == ip ? rec : NULL;
}

struct dyn_ftrace *ftrace_find_record(unsigned long ip)
{
	struct dyn_ftrace *rec = record_from(ip);

	return rec && dyn_ftrace_ip(rec) == ip ? rec : NULL;
}

struct dyn_ftrace *ftrace_record_at(unsigned int index)
{
	const struct ftrace_group *group = ftrace_groups;

	for (; group && index >= group->nr; group = group->next)
		index -= group->nr;
	return group ? &group->recs[index] : NULL;
}

unsigned long ftrace_find_location(unsigned long ip)
{
	struct dyn_ftrace *rec = record_from(ip);
	unsigned long site = rec ? dyn_ftrace_ip(rec) : 0;

	if (site == ip || (site && arch_ftrace_function(site) == ip))
		return site;
	return 0;
}

unsigned long ftrace_location(unsigned long ip)
{
	unsigned long site;

	mutex_lock(&ftrace_lock);
	site = ftrace_find_location(ip);
	mutex_unlock(&ftrace_lock);
	return site;
}
