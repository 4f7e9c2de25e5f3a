/* SPDX-License-Identifier: MIT */
/* Linux's header for the tick counter. */
#pragma once
#include "kernel/time.h"

/* Rounded up, as in Linux: no wait becomes shorter. In two parts, so that no product overflows. */
static inline unsigned long msecs_to_jiffies(unsigned int ms)
{
	return (unsigned long)ms / 1000 * HZ + (ms % 1000 * HZ + 999) / 1000;
}
#define jiffies_to_msecs(j) ((unsigned int)((j) * (1000 / HZ)))
