/* SPDX-License-Identifier: MIT */
/*
 * Making and reading the table of sites. ftrace_init() turns the compiler's
 * site sections into sorted records and gives every site its NOP form; nothing
 * is attached yet. What is attached is update.c's business.
 */
#include "trace/core/records.h"
#include "kernel/bug.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/sort.h"
#include "kernel/mm/mm.h"
#include "kernel/trace_hooks.h"
#include "trace/arch.h"
#include "trace/core/ops.h"
#include "trace/core/share.h"

DEFINE_MUTEX(ftrace_lock);
struct ftrace_group *ftrace_groups;
unsigned int ftrace_nr_records;

extern unsigned long __start_mcount_loc[], __stop_mcount_loc[];

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
	/* Sorted first: the cursor through the symbols goes one way only. */
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

/* The kernel's records come first, and a module without sites has no group. */
void ftrace_init(void)
{
	unsigned int nr = (unsigned int)(__stop_mcount_loc - __start_mcount_loc), dropped;
	struct ftrace_group *group = ftrace_group_make(__start_mcount_loc, nr, &dropped);

	if (!group) {
		pr_err("ftrace: no memory for %u sites: nothing can be traced\n", nr);
		return;
	}
	ftrace_group_add(group);
	pr_info("ftrace: %u sites, %u dropped\n", group->nr, dropped);
}

/* The first record of @group at or after @ip; its end if there is none. */
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

/* The record at or after @ip; NULL if there is none. There are few groups. */
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

static void forget_record(const struct dyn_ftrace *rec)
{
	ftrace_set_put(dyn_ftrace_set(rec));
	ftrace_forget_site(dyn_ftrace_ip(rec));
}

void ftrace_group_remove(struct ftrace_group *group)
{
	struct ftrace_group **link = &ftrace_groups;

	while (*link != group)
		link = &(*link)->next;
	*link = group->next;
	ftrace_nr_records -= group->nr;
	for (unsigned int i = 0; i < group->nr; i++)
		forget_record(&group->recs[i]);
	ftrace_group_free(group);
	ftrace_share_settle();
	ftrace_ops_drop_idle();
}

/* Of the kernel's group: a module's text goes as a whole. */
void ftrace_free_mem(unsigned long start, unsigned long end)
{
	struct ftrace_group *group = ftrace_groups;
	struct dyn_ftrace *from, *to;
	unsigned int kept;

	if (!group)
		return;
	mutex_lock(&ftrace_lock);
	/* What stays moves together, in order. The memory of the others stays with the table. */
	to = group->recs;
	for (from = group->recs; from < group->recs + group->nr; from++) {
		unsigned long ip = dyn_ftrace_ip(from);

		if (ip >= start && ip < end)
			forget_record(from);
		else
			*to++ = *from;
	}
	kept = (unsigned int)(to - group->recs);
	ftrace_nr_records -= group->nr - kept;
	group->nr = kept;
	mutex_unlock(&ftrace_lock);
}

unsigned int ftrace_nr_sites(void)
{
	return ftrace_nr_records;
}

static void fill_site_info(const struct dyn_ftrace *rec, struct ftrace_site_info *info)
{
	const struct ftrace_set *set = dyn_ftrace_set(rec);
	struct ftrace_form form;

	*info = (struct ftrace_site_info){
		.ip = dyn_ftrace_ip(rec),
		.enabled = rec->flags & FTRACE_FL_ENABLED,
		.disabled = rec->flags & FTRACE_FL_DISABLED,
		.touched = rec->flags & FTRACE_FL_TOUCHED,
		.modified = rec->flags & FTRACE_FL_MODIFIED,
	};
	if (!set)
		return;
	info->nr_ops = set->nr_ops;
	info->regs = set->flags & FTRACE_SET_REGS;
	info->ipmodify = set->flags & FTRACE_SET_IPMODIFY;
	info->direct = set->direct;
	info->direct_call = set->direct;
	info->callee = set->nr_calls ? (unsigned long)set->target->func : 0;
	/* Without detour: not for RECURSION, which goes through ftrace_assist(). */
	info->call_ops = set->nr_calls && set->target == (struct ftrace_callable *)set->ops[0];
	if (set->nr_ops == 1)
		info->single = set->nr_calls ? set->ops[0] : set->direct_ops;
	if (!info->enabled)
		return;
	form = arch_ftrace_form(info->ip, set);
	info->trampoline = arch_ftrace_call_target(info->ip, &form);
}

bool ftrace_site_info(unsigned int index, struct ftrace_site_info *info)
{
	const struct dyn_ftrace *rec;

	mutex_lock(&ftrace_lock);
	rec = ftrace_record_at(index);
	if (rec)
		fill_site_info(rec, info);
	mutex_unlock(&ftrace_lock);
	return rec;
}

void ftrace_total_info(unsigned long *sites, unsigned long *pages, unsigned long *groups)
{
	const struct ftrace_group *group;

	mutex_lock(&ftrace_lock);
	*sites = ftrace_nr_records;
	*pages = *groups = 0;
	for (group = ftrace_groups; group; group = group->next) {
		*pages += DIV_ROUND_UP(group->nr * sizeof(struct dyn_ftrace), PAGE_SIZE);
		++*groups;
	}
	mutex_unlock(&ftrace_lock);
}
