/* SPDX-License-Identifier: MIT */
/*
 * Jump sites: NOPs in the middle of functions that become jumps while their key is on
 * (kernel/trace_hooks.h). They are changed by the patcher that changes the sites at functions'
 * entries.
 */
#pragma once
#include "trace/kernel.h"

/* The table of the kernel itself: its @nr @sites. Called at boot, once. */
void ftrace_jumps_init(const struct jump_site *sites, unsigned int nr);
/*
 * Make all sites of @key jumps, or NOPs again. Returns 0; or -ENOMEM, -EINVAL (a site does not hold
 * what it should) or -EFAULT, which are logged, with every site as it was. May sleep.
 */
int ftrace_jumps_set(struct jump_key *key, bool on);
/* Is there such a site at @ip? Any context, untraced. */
bool ftrace_is_jump_site(unsigned long ip);
/* The sites in [start, end) are freed with the init text, and are never written any more. */
void ftrace_jumps_free_mem(unsigned long start, unsigned long end);
