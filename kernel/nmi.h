/* SPDX-License-Identifier: MIT */
/*
 * Interrupts that come even where interrupts are off: who sends them, and what they do there.
 * Where a machine has none (arch_has_nmi()), the same is done by an ordinary interrupt. Untraced,
 * but what they run may be traced. docs/watchdog.md tells how each port makes them.
 */
#pragma once
#include "kernel/arch.h"

enum nmi_reason {
	NMI_PROBE,		/* nothing: that it came is the answer */
	NMI_HOOK,		/* what nmi_set_hook() said */
	NMI_BACKTRACE,		/* print where the CPU is */
	NR_NMI_REASONS
};

/*
 * Interrupt @cpu, which may be this one. Any context, NMIs included. One that is sent while another
 * waits to be taken is not told apart from it: the reasons are not lost, but each comes once.
 */
void nmi_send(unsigned int cpu, enum nmi_reason reason);
/* Only say what it is for, and leave the NMI itself to the caller. */
void nmi_ask(unsigned int cpu, enum nmi_reason reason);
/*
 * What NMI_HOOK does, in NMI context (in an interrupt's, without NMIs); NULL: nothing. Returns when
 * no CPU runs the old one any more; conditions as for smp_call_function().
 */
typedef void (*nmi_hook_t)(struct pt_regs *regs);
void nmi_set_hook(nmi_hook_t hook);
/* How many NMIs @cpu took. */
unsigned long nmi_count(unsigned int cpu);
/*
 * Print where every other CPU is, one after the other, and say which do not answer. Any context but
 * NMI.
 */
void nmi_show_other_cpus(void);

/* By the port when one has come, between nmi_enter() and nmi_exit() (irq_enter(), irq_exit()). */
void nmi_handle(struct pt_regs *regs);
