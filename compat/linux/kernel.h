/* SPDX-License-Identifier: MIT */
/* Linux's header for general things: the log, assertions, limits, trace_printk(). */
#pragma once
#include "kernel/bug.h"
#include "kernel/printk.h"
#include "trace/output/trace.h"
#include <linux/compiler.h>
#include <linux/err.h>

/* The address of the place where it is written. */
#define _THIS_IP_ _RET_IP_HERE_()
