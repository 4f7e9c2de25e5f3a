/* SPDX-License-Identifier: MIT */
/* Linux's header for the monotonic clock. */
#pragma once
#include "kernel/time.h"
#include <linux/math64.h>

/* Nanoseconds, as in Linux. */
typedef s64 ktime_t;
static inline ktime_t ktime_get(void) { return (ktime_t)ktime_get_ns(); }
#define ktime_to_ns(t) ((s64)(t))
#define ktime_to_us(t) ((s64)(t) / 1000)
#define ktime_to_ms(t) ((s64)(t) / 1000000)
#define ns_to_ktime(ns) ((ktime_t)(ns))
#define ktime_sub(a, b) ((ktime_t)((a) - (b)))
#define ktime_add(a, b) ((ktime_t)((a) + (b)))
#define ktime_add_ns(t, ns) ((ktime_t)((t) + (s64)(ns)))
#define ktime_us_delta(later, earlier) ktime_to_us((later) - (earlier))
#define ktime_ms_delta(later, earlier) ktime_to_ms((later) - (earlier))
