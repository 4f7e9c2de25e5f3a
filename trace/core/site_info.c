/* SPDX-License-Identifier: MIT */
/* Collects what a site's record and set tell about it, for the files that list sites. */
#include "trace/core/site_info.h"
#include "trace/arch.h"
#include "trace/core/set.h"

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
	info->own_trampoline = ftrace_set_own_trampoline(set);
	info->ipmodify = set->flags & FTRACE_SET_IPMODIFY;
	info->direct = set->direct;
	info->direct_call = set->direct;
	info->callee = set->nr_calls ? (unsigned long)set->target->func : 0;
	/*
	 * True if the trampoline calls the ops itself. With RECURSION it calls ftrace_assist()
	 * instead.
	 */
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

bool ftrace_site_info_at(unsigned long ip, struct ftrace_site_info *info,
			 struct ftrace_site_call *calls, unsigned int most)
{
	const struct dyn_ftrace *rec;
	const struct ftrace_set *set;

	mutex_lock(&ftrace_lock);
	rec = ftrace_find_record(ip);
	set = rec ? dyn_ftrace_set(rec) : NULL;
	if (rec)
		fill_site_info(rec, info);
	/* Copied, for an ops may go as soon as the lock is free. */
	for (unsigned int i = 0; set && i < min(set->nr_calls, most); i++)
		calls[i] = (struct ftrace_site_call){ set->ops[i]->func, set->ops[i]->flags };
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
