/* SPDX-License-Identifier: MIT */
/* Linux's header for finding out the context. */
#pragma once
#include "kernel/sched/current.h"

#define in_irq() in_hardirq()
#define in_task() (!(preempt_count() & (HARDIRQ_MASK | NMI_MASK)))
