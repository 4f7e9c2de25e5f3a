/* SPDX-License-Identifier: MIT */
/*
 * Making and reading the table of sites. ftrace_init() turns the compiler's
 * site sections into sorted records and gives every site its NOP form; nothing
 * is attached yet. What is attached is update.c's business.
 */
#include "trace/records.h"
#include "kernel/bug.h"
#include "kernel/errno.h"
#include "kernel/kallsyms.h"
#include "kernel/mm.h"
#include "kernel/trace_hooks.h"
#include "trace/arch.h"

DEFINE_MUTEX(ftrace_lock);
struct ftrace_records ftrace_records;

extern unsigned long __start_mcount_loc[], __stop_mcount_loc[];

static void sift_down(unsigned long *v, unsigned int root, unsigned int nr)
{
	unsigned int child;

	while ((child = 2 * root + 1) < nr) {
		unsigned long tmp = v[root];

		if (child + 1 < nr && v[child + 1] > v[child])
			child++;
		if (v[child] <= tmp)
			return;
		v[root] = v[child];
		v[child] = tmp;
		root = child;
	}
}

/* Heap sort, and nothing at all for the usual case that the linker left them in order. */
static void sort_addresses(unsigned long *v, unsigned int nr)
{
	unsigned int i;

	for (i = 1; i < nr && v[i - 1] <= v[i]; i++)
		;
	if (i >= nr)
		return;
	for (i = nr / 2; i-- > 0;)
		sift_down(v, i, nr);
	for (i = nr - 1; i > 0; i--) {
		unsigned long tmp = v[0];

		v[0] = v[i];
		v[i] = tmp;
		sift_down(v, 0, i);
	}
}

/*
 * A site whose function is not a symbol is the body of a weak function that
 * lost to a strong one: never called, and it would be listed under its
 * neighbour's name (FTRACE.md A.7). @cursor walks the symbols along with the sites.
 */
static bool belongs_to_symbol(unsigned long function, unsigned int *cursor)
{
	unsigned long addr = 0;
	const char *name;

	while (kallsyms_at(*cursor, &name, &addr) && addr < function)
		++*cursor;
	return addr == function;
}

void ftrace_init(void)
{
	unsigned int nr = (unsigned int)(__stop_mcount_loc - __start_mcount_loc);
	unsigned int i, dropped = 0, cursor = 0;
	unsigned long *table = __start_mcount_loc;
	struct dyn_ftrace *rec;

	ftrace_records.recs = kcalloc(nr, sizeof(*rec), GFP_KERNEL);
	if (!ftrace_records.recs) {
		pr_err("ftrace: no memory for %u sites: nothing can be traced\n", nr);
		return;
	}
	sort_addresses(table, nr);
	rec = ftrace_records.recs;
	for (i = 0; i < nr; i++) {
		unsigned long ip = table[i] ? arch_ftrace_site(table[i]) : 0;

		if (!ip || !belongs_to_symbol(arch_ftrace_function(ip), &cursor) ||
		    arch_ftrace_init_site(ip)) {
			dropped++;
			continue;
		}
		rec->offset = (s32)(ip - (unsigned long)_text);
		rec++;
	}
	ftrace_records.nr = (unsigned int)(rec - ftrace_records.recs);
	pr_info("ftrace: %u sites, %u dropped\n", ftrace_records.nr, dropped);
}

/* The first record at or after @ip; the end of the table if there is none. */
static struct dyn_ftrace *first_record_from(unsigned long ip)
{
	unsigned int low = 0, high = ftrace_records.nr;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (dyn_ftrace_ip(&ftrace_records.recs[middle]) < ip)
			low = middle + 1;
		else
			high = middle;
	}
	return &ftrace_records.recs[low];
}

static bool is_record(const struct dyn_ftrace *rec)
{
	return rec < ftrace_records.recs + ftrace_records.nr;
}

struct dyn_ftrace *ftrace_find_record(unsigned long ip)
{
	struct dyn_ftrace *rec = first_record_from(ip);

	return is_record(rec) && dyn_ftrace_ip(rec) == ip ? rec : NULL;
}

unsigned long ftrace_location(unsigned long ip)
{
	struct dyn_ftrace *rec = first_record_from(ip);
	unsigned long site = is_record(rec) ? dyn_ftrace_ip(rec) : 0;

	if (site == ip || (site && arch_ftrace_function(site) == ip))
		return site;
	return 0;
}

void ftrace_free_mem(unsigned long start, unsigned long end)
{
	struct dyn_ftrace *from, *to;

	mutex_lock(&ftrace_lock);
	to = ftrace_records.recs;
	ftrace_for_each_record(from) {
		unsigned long ip = dyn_ftrace_ip(from);

		if (ip >= start && ip < end) {
			ftrace_set_put(dyn_ftrace_set(from));
			ftrace_forget_site(ip);
		} else {
			*to++ = *from;
		}
	}
	ftrace_records.nr = (unsigned int)(to - ftrace_records.recs);
	mutex_unlock(&ftrace_lock);
}

unsigned int ftrace_nr_sites(void)
{
	return ftrace_records.nr;
}

const char *ftrace_site_name(unsigned long ip)
{
	return kallsyms_lookup(ip, NULL, NULL, NULL);
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
	info->call_ops = set->target != &set->call;
	if (set->nr_ops == 1)
		info->single = set->nr_calls ? set->ops[0] : set->direct_ops;
	form = arch_ftrace_form(info->ip, set);
	info->trampoline = arch_ftrace_call_target(info->ip, &form);
}

bool ftrace_site_info(unsigned int index, struct ftrace_site_info *info)
{
	bool found;

	mutex_lock(&ftrace_lock);
	found = index < ftrace_records.nr;
	if (found)
		fill_site_info(&ftrace_records.recs[index], info);
	mutex_unlock(&ftrace_lock);
	return found;
}

void ftrace_total_info(unsigned long *sites, unsigned long *pages, unsigned long *groups)
{
	*sites = ftrace_records.nr;
	*pages = DIV_ROUND_UP(ftrace_records.nr * sizeof(struct dyn_ftrace), PAGE_SIZE);
	*groups = 1;
}
