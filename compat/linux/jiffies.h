/* SPDX-License-Identifier: MIT */
/* Linux's header for the tick counter. */
#pragma once
#include "kernel/time.h"

#define msecs_to_jiffies(ms) ((unsigned long)(ms) * HZ / 1000)
#define jiffies_to_msecs(j) ((unsigned int)((j) * (1000 / HZ)))
