/* SPDX-License-Identifier: MIT */
/*
 * For faults that share one image: each boot chooses one by `planted=NAME` on the command line, and
 * their patches ask planted("NAME"). plant.py includes this before every C file that it patches.
 * Asking is slow, so faults on hot paths have an image of their own and do not ask.
 */
#pragma once
#include "kernel/boot_info.h"
#include "kernel/compiler.h"
#include "kernel/lib/string.h"

BOOT_PARAM(planted);

static inline bool planted(const char *name)
{
	char chosen[32];

	return boot_param(planted, chosen, sizeof(chosen)) && !strcmp(chosen, name);
}
