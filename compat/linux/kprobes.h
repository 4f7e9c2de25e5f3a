/* SPDX-License-Identifier: MIT */
/*
 * Linux's header for probes: at entries and returns of traced functions. As on Linux, it also
 * includes what clients expect along with it.
 */
#pragma once
#include "trace/tracers/kprobes.h"
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/ftrace.h>
#include <linux/linkage.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/ptrace.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

/* Handlers have no sites, so that they are not probed themselves. */
#define __kprobes notrace
#define NOKPROBE_SYMBOL(function) _Static_assert(1, "")
