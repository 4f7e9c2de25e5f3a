/* SPDX-License-Identifier: MIT */
/* What is attached to sites, for the tracefs files that list them. */
#pragma once
#include "trace/ftrace.h"
#include "trace/kernel.h"

/*
 * One site. Sites have indices from 0 to ftrace_nr_sites() - 1, in address order. Loading or
 * removing a module changes the indices, because ftrace_site_info() takes ftrace_lock only for one
 * site at a time. It may sleep, and returns false if there is no site with @index.
 */
struct ftrace_site_info {
	unsigned long ip;
	unsigned int nr_ops;		/* number of ops attached: callbacks and the direct one */
	bool enabled, disabled, touched, modified, regs, ipmodify, direct, call_ops;
	unsigned long direct_call;
	bool own_trampoline;		/* the one callback brought it */
	unsigned long trampoline;	/* what the site calls; 0 when it is a NOP */
	unsigned long callee;		/* what that calls: the callback, or a loop over several */
	struct ftrace_ops *single;	/* the one ops, when there is exactly one */
};
unsigned int ftrace_nr_sites(void);
bool ftrace_site_info(unsigned int index, struct ftrace_site_info *info);

/* A callback of a site. */
struct ftrace_site_call {
	ftrace_func_t func;
	unsigned long flags;		/* FTRACE_OPS_FL_* */
};
/*
 * The same for the site at @ip, with the first @most of its callbacks in the order in which they
 * are called. False if there is no such site.
 */
bool ftrace_site_info_at(unsigned long ip, struct ftrace_site_info *info,
			 struct ftrace_site_call *calls, unsigned int most);
void ftrace_total_info(unsigned long *sites, unsigned long *pages, unsigned long *groups);
