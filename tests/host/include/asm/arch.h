/* SPDX-License-Identifier: MIT */
/*
 * The inline half of kernel/arch.h for the simulated machine of the host tests:
 * one CPU, interrupts that are a flag, a cycle counter that tests set.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

struct jump_key;

struct pt_regs {
	unsigned long pc, fp, sp;
};

extern struct task_struct *host_current;
extern bool host_irqs_off;
u64 host_read_cycles(void);
void host_interrupt_point(void);

static __always_inline unsigned long arch_irq_save(void)
{
	unsigned long flags = host_irqs_off;

	host_irqs_off = true;
	return flags;
}

static __always_inline void arch_irq_restore(unsigned long flags)
{
	host_irqs_off = flags;
}

static __always_inline void arch_irq_enable(void)
{
	host_irqs_off = false;
}

static __always_inline void arch_irq_disable(void)
{
	host_irqs_off = true;
}

static __always_inline bool arch_irqs_disabled_flags(unsigned long flags)
{
	return flags;
}

static __always_inline bool arch_irqs_disabled(void)
{
	return host_irqs_off;
}

static __always_inline bool arch_may_switch(void)
{
	return arch_irqs_disabled();
}

static __always_inline void arch_cpu_relax(void)
{
	host_interrupt_point();
}

static __always_inline void arch_idle(void)
{
	host_interrupt_point();
}

static __always_inline unsigned int smp_processor_id(void)
{
	return 0;
}

static __always_inline struct task_struct *get_current(void)
{
	return host_current;
}

static __always_inline u64 arch_clock_cycles(void)
{
	return host_read_cycles();
}

static __always_inline void arch_sync_core(void)
{
}

static __always_inline u8 arch_load_nofault(const u8 *addr)
{
	return *addr;
}

static __always_inline void smp_mb(void)
{
	host_interrupt_point();
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Nothing is patched here: the key itself says whether to jump. */
static __always_inline bool arch_jump_site(struct jump_key *key)
{
	return *(const volatile bool *)key;
}

static __always_inline unsigned long instruction_pointer(const struct pt_regs *regs)
{
	return regs->pc;
}

static __always_inline unsigned long frame_pointer(const struct pt_regs *regs)
{
	return regs->fp;
}

static __always_inline unsigned long regs_return_value(const struct pt_regs *regs)
{
	return 0;
}

static __always_inline unsigned long kernel_stack_pointer(const struct pt_regs *regs)
{
	return regs->sp;
}
