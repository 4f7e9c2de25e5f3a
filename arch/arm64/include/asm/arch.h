/* SPDX-License-Identifier: MIT */
/*
 * The inline half of kernel/arch.h on arm64; the contracts are there. `current`
 * lives in SP_EL0, which a kernel without user space has no other use for, and
 * TPIDR_EL1 points at this CPU's struct arm64_cpu.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"
#include <asm/ptrace.h>

/* A CPU's own words. Those that are not the boot CPU's are filled in before it is started. */
struct arm64_cpu {
	unsigned int id;
	u32 gic_target;			/* GICv2: its bit in lists of targets, set by itself */
	u64 mpidr;			/* its affinity fields */
	void *redist;			/* GICv3 */
	unsigned long overflow_stack;	/* its top: for exceptions that find no stack left */
	unsigned long idle_stack;	/* its top, and its thread: where a CPU starts */
	struct task_struct *idle;
};
extern struct arm64_cpu arm64_cpus[NR_CPUS];

#define read_sysreg(reg) ({					\
	u64 _val;						\
	__asm__ volatile("mrs %0, " #reg : "=r"(_val));		\
	_val; })
#define write_sysreg(val, reg) \
	__asm__ volatile("msr " #reg ", %x0" : : "rZ"((u64)(val)) : "memory")
#define isb() __asm__ volatile("isb" : : : "memory")
#define dsb(domain) __asm__ volatile("dsb " #domain : : : "memory")

static __always_inline unsigned long arch_irq_save(void)
{
	unsigned long flags;

	__asm__ volatile("mrs %0, daif\n\tmsr daifset, #2" : "=r"(flags) : : "memory");
	return flags;
}

static __always_inline void arch_irq_restore(unsigned long flags)
{
	__asm__ volatile("msr daif, %0" : : "r"(flags) : "memory");
}

static __always_inline void arch_irq_enable(void)
{
	__asm__ volatile("msr daifclr, #2" : : : "memory");
}

static __always_inline void arch_irq_disable(void)
{
	__asm__ volatile("msr daifset, #2" : : : "memory");
}

static __always_inline bool arch_irqs_disabled(void)
{
	return read_sysreg(daif) & PSR_I_BIT;
}

static __always_inline void arch_cpu_relax(void)
{
	__asm__ volatile("yield" : : : "memory");
}

/* A masked interrupt still ends a WFI; opening the mask for one instruction then takes it. */
static __always_inline void arch_idle(void)
{
	__asm__ volatile("dsb sy\n\twfi\n\tmsr daifclr, #2\n\tisb\n\tmsr daifset, #2"
			 : : : "memory");
}

/* Volatile: a thread may be on another CPU the next time that it asks. */
static __always_inline unsigned int smp_processor_id(void)
{
	if (NR_CPUS == 1)
		return 0;
	return ((const struct arm64_cpu *)read_sysreg(tpidr_el1))->id;
}

/* Not volatile: a thread's own current never changes, so the compiler may keep it. */
static __always_inline struct task_struct *get_current(void)
{
	struct task_struct *task;

	__asm__("mrs %0, sp_el0" : "=r"(task));
	return task;
}

/* The ISB keeps the counter from being read early. */
static __always_inline u64 arch_clock_cycles(void)
{
	isb();
	return read_sysreg(cntvct_el0);
}

static __always_inline void arch_sync_core(void)
{
	isb();
}

static __always_inline void smp_mb(void)
{
	__asm__ volatile("dmb ish" : : : "memory");
}

static inline unsigned long instruction_pointer(const struct pt_regs *regs)
{
	return regs->pc;
}

static inline unsigned long frame_pointer(const struct pt_regs *regs)
{
	return regs->regs[29];
}

static inline unsigned long kernel_stack_pointer(const struct pt_regs *regs)
{
	return regs->sp;
}

static inline bool arch_regs_irqs_disabled(const struct pt_regs *regs)
{
	return regs->pstate & PSR_I_BIT;
}
