/* SPDX-License-Identifier: MIT */
/* Linux's header for masking interrupts on this CPU. */
#pragma once
#include "kernel/sched/current.h"

#define irqs_disabled() arch_irqs_disabled()
#define local_irq_save(flags) ((void)((flags) = irq_save()))
#define local_irq_restore(flags) irq_restore_and_look(flags)
#define local_irq_disable() irq_disable()
#define local_irq_enable() irq_enable_and_look()
