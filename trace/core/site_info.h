/* SPDX-License-Identifier: MIT */
/* Sites and what is attached to them, for whoever lists them: tracefs. site_info.c. */
#pragma once
#include "trace/kernel.h"

struct ftrace_ops;

/*
 * Sites, for whoever lists them: indices run from 0 to ftrace_nr_sites() - 1, in address order. May
 * sleep; a module that comes or goes in between moves them.
 */
struct ftrace_site_info {
	unsigned long ip;
	unsigned int nr_ops;		/* reference count */
	bool enabled, disabled, touched, modified, regs, ipmodify, direct, call_ops;
	unsigned long direct_call;
	unsigned long trampoline;	/* what the site calls; 0 when it is a NOP */
	unsigned long callee;		/* what that calls: the only callback, or a loop over all */
	struct ftrace_ops *single;	/* the one ops, when there is exactly one */
};
unsigned int ftrace_nr_sites(void);
bool ftrace_site_info(unsigned int index, struct ftrace_site_info *info);
void ftrace_total_info(unsigned long *sites, unsigned long *pages, unsigned long *groups);
