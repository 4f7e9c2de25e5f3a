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
 * At boot, in thread context: start the CPUs that arch_smp_count() found, and no more than nr_cpus=
 * allows.
 */
void smp_init(void);
/*
 * A secondary's C code, on the stack of its idle thread; what must be true then is said at
 * arch_smp_start_cpu(). It tells the boot CPU, waits to be let in, and becomes the idle thread.
 */
void smp_secondary_main(unsigned int cpu) __noreturn;

/*
 * Call @fn(@arg) on @cpu, on all CPUs but this, or on all; returns when all have done it. @fn
 * runs with interrupts off, as an interrupt handler. The caller has interrupts on
 * and holds no spinlock that anybody takes with interrupts off.
 */
void smp_call_function_single(unsigned int cpu, void (*fn)(void *arg), void *arg);
void smp_call_function(void (*fn)(void *arg), void *arg);
void on_each_cpu(void (*fn)(void *arg), void *arg);
/*
 * When this returns, every CPU has executed a serialising instruction (an ISB) since it was called.
 */
void smp_sync_cores(void);
/*
 * When this returns, every CPU has had interrupts on since it was called: whoever read something
 * with interrupts off before, NMIs included, is done with it. The conditions are those of calls.
 */
void smp_wait_irqs_off(void);

/* Have @cpu look at its need_resched flag. Any context will do. */
void smp_send_reschedule(unsigned int cpu);
/* For a panic: stop all other CPUs, as far as they can be reached. Any context will do. */
void smp_stop_others(void);
/*
 * The port calls this when an interrupt of @kind has come, between irq_enter() and irq_exit().
 * IPI_STOP may come in any context.
 */
void smp_handle_ipi(enum ipi_kind kind);
