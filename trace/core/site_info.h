/* SPDX-License-Identifier: MIT */
/* What is attached to sites, for the tracefs files that list them. */
#pragma once
#include "trace/kernel.h"

struct ftrace_ops;

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
	unsigned long trampoline;	/* what the site calls; 0 when it is a NOP */
	unsigned long callee;		/* what that calls: the callback, or a loop over several */
	struct ftrace_ops *single;	/* the one ops, when there is exactly one */
};
unsigned int ftrace_nr_sites(void);
bool ftrace_site_info(unsigned int index, struct ftrace_site_info *info);
void ftrace_total_info(unsigned long *sites, unsigned long *pages, unsigned long *groups);
