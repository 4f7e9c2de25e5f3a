/* SPDX-License-Identifier: MIT */
/*
 * Faults in C that tests must catch (docs/testing.md). One image has them all, and each boot of
 * it chooses one by `planted=NAME` on the command line. Elsewhere PLANTED() is false and leaves no
 * code. For slow paths only.
 */
#pragma once
#ifdef PLANT_SWITCHED
#include "kernel/boot_info.h"
#include "kernel/lib/string.h"

BOOT_PARAM(planted);

static inline bool planted(const char *name)
{
	char chosen[32];

	return boot_param(planted, chosen, sizeof(chosen)) && !strcmp(chosen, name);
}
#define PLANTED(name) planted(name)
#else
#define PLANTED(name) false
#endif
