/* SPDX-License-Identifier: MIT */
/* Linux's header for our spinlocks. */
#pragma once
#include "kernel/sched/spinlock.h"
#include <linux/irqflags.h>
#include <linux/preempt.h>
