/* SPDX-License-Identifier: MIT */
/* Linux name of the odds and ends: log, assertions, limits, trace_printk(). */
#pragma once
#include "kernel/bug.h"
#include "kernel/printk.h"
#include "trace/output/trace.h"
#include <linux/compiler.h>
#include <linux/err.h>
