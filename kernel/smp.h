/* SPDX-License-Identifier: MIT */
/*
 * Many CPUs: bringing them up, calling functions on them, stopping them. CPUs are numbered
 * 0 .. nr_cpus_online - 1 in the order in which they came up. The port's half is in
 * kernel/arch.h. Untraced: the patcher runs on it.
 */
#pragma once
#include "kernel/arch.h"
#include "kernel/sched/percpu.h"

/*
 * Start the CPUs that arch_smp_count() finds, but no more than nr_cpus= allows. Called once, at
 * boot, in thread context.
 */
void smp_init(void);
/*
 * The first C function of CPU @cpu, any but the boot CPU. The port calls it on the stack of the
 * CPU's idle thread, in the state that arch_smp_start_cpu() describes. It reports to the boot CPU,
 * waits until the boot CPU counts it as online, and becomes the idle thread; if the boot CPU has
 * given it up in the meantime, it halts.
 */
void smp_secondary_main(unsigned int cpu) __noreturn;

/*
 * Call @fn(@arg) on @cpu (which is ignored if it is not online), on all CPUs but this one, or on
 * all CPUs. Returns when every call has returned. @fn runs with interrupts off; on other CPUs it is
 * called from an interrupt handler. The caller must have interrupts on and must not hold a spinlock
 * that anybody takes with interrupts off.
 */
void smp_call_function_single(unsigned int cpu, void (*fn)(void *arg), void *arg);
void smp_call_function(void (*fn)(void *arg), void *arg);
void on_each_cpu(void (*fn)(void *arg), void *arg);
/*
 * Make every CPU execute a serialising instruction (on arm64 an ISB), and return when all have. The
 * conditions are those of smp_call_function().
 */
void smp_sync_cores(void);
/*
 * Wait until every CPU has had interrupts on. Any code that ran with interrupts off when this was
 * called, NMI handlers included, has ended when it returns, and with it that code's use of shared
 * data. The conditions are those of smp_call_function().
 */
void smp_wait_irqs_off(void);

/* Make @cpu check its need_resched flag. Any context. */
void smp_send_reschedule(unsigned int cpu);
/*
 * For the report of a panic: stops all other CPUs, as far as they can be reached, and waits until
 * they stand still, but no longer than about a second. In any context.
 */
void smp_stop_others(void);
/* Stops this CPU for good, during the report of another one. In any context. */
void smp_stop_this(void) __noreturn;
/*
 * Called by the port for an interrupt of @kind, with interrupts off, between irq_enter() and
 * irq_exit(). IPI_STOP may come in any context, NMI included.
 */
void smp_handle_ipi(enum ipi_kind kind);
