/* SPDX-License-Identifier: MIT */
/*
 * The preempt count: one word per thread, in Linux's bit layout. While it is not 0, the thread is
 * not preempted. It also counts nested interrupts and NMIs, so that a single load tells the current
 * context.
 *
 *   bits  0-7   preempt_disable() depth
 *   bits  8-15  softirq (unused, since there are none; kept for the trace format)
 *   bits 16-19  hardirq depth
 *   bits 20-23  NMI depth
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

#define PREEMPT_OFFSET 0x00000001u
#define PREEMPT_MASK 0x000000ffu
#define SOFTIRQ_MASK 0x0000ff00u
#define HARDIRQ_OFFSET 0x00010000u
#define HARDIRQ_MASK 0x000f0000u
#define NMI_OFFSET 0x00100000u
#define NMI_MASK 0x00f00000u

/* The functions on it need struct task_struct and current: see kernel/sched/current.h. */
