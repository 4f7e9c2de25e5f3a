/* SPDX-License-Identifier: MIT */
/*
 * Non-maskable interrupts (NMIs), which reach a CPU even while its interrupts are off: how to send
 * one, and what the CPU that takes it does. On a machine without NMIs (arch_has_nmi() is false) an
 * ordinary interrupt takes their place. All of it is untraced, but the function that NMI_HOOK calls
 * may be traced. docs/watchdog.md explains how each port makes NMIs.
 */
#pragma once
#include "kernel/arch.h"

enum nmi_reason {
	NMI_PROBE,		/* do nothing: that the CPU takes the NMI is the answer */
	NMI_HOOK,		/* call the function that nmi_set_hook() set */
	NMI_BACKTRACE,		/* print a backtrace of the CPU */
	NR_NMI_REASONS
};

/*
 * Send an NMI to @cpu, which may be the calling CPU. Any context, NMI included. While one NMI is
 * pending, further ones may merge with it: no reason is lost, but the CPU acts on each only once.
 */
void nmi_send(unsigned int cpu, enum nmi_reason reason);
/* Only note @reason for @cpu's next NMI, which the caller sends itself. Any context. */
void nmi_ask(unsigned int cpu, enum nmi_reason reason);
/*
 * Set the function that NMI_HOOK calls, or NULL for none. It is called in NMI context, or in
 * interrupt context on a machine without NMIs. When nmi_set_hook() returns, no CPU runs the
 * previous hook any more, so the conditions are those of smp_call_function().
 */
typedef void (*nmi_hook_t)(struct pt_regs *regs);
void nmi_set_hook(nmi_hook_t hook);
/* How many NMIs @cpu has taken. */
unsigned long nmi_count(unsigned int cpu);
/*
 * Print a backtrace of every other CPU, one after the other, and name the CPUs that do not answer
 * within a second. Any context but NMI.
 */
void nmi_show_other_cpus(void);

/*
 * Called by the port for each NMI, between nmi_enter() and nmi_exit(); on a machine without NMIs,
 * between irq_enter() and irq_exit().
 */
void nmi_handle(struct pt_regs *regs);
