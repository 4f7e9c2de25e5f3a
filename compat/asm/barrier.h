/* SPDX-License-Identifier: MIT */
/*
 * Linux's header for memory barriers. The full barrier between CPUs also serves where a weaker one
 * would do.
 */
#pragma once
#include "kernel/arch.h"

#define smp_rmb() smp_mb()
#define smp_wmb() smp_mb()
#define mb() smp_mb()
#define rmb() smp_mb()
#define wmb() smp_mb()
