/* SPDX-License-Identifier: MIT */
/* Linux name of memory barriers. One full barrier between CPUs serves for the weaker ones. */
#pragma once
#include "kernel/arch.h"

#define smp_rmb() smp_mb()
#define smp_wmb() smp_mb()
#define mb() smp_mb()
#define rmb() smp_mb()
#define wmb() smp_mb()
