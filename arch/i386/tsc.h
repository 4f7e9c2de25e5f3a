/* SPDX-License-Identifier: MIT */
/* The 8254's clock, and measuring the TSC with it. */
#pragma once
#include "kernel/types.h"

#define PIT_HZ 1193182u
#define PIT_COMMAND 0x43

/*
 * Returns the TSC's frequency. Takes about 2 ms, and longer only if the host stops the machine all
 * the time. Sets @sure; if false, it did so until the end, and the frequency may be lower. Boot.
 */
u64 i386_measure_tsc_hz(bool *sure);
