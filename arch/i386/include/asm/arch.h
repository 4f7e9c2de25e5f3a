/* SPDX-License-Identifier: MIT */
/*
 * The inline half of kernel/arch.h for i386: interrupts, per-CPU registers, the
 * cycle counter, and what pt_regs holds.
 */
#pragma once
#include <asm/cpu.h>
#include <asm/extable.h>
#include <asm/ptrace.h>

struct jump_key;

static __always_inline unsigned long arch_irq_save(void)
{
	unsigned long flags;

	__asm__ volatile("pushfl\n\tpopl %0\n\tcli" : "=r"(flags) : : "memory");
	return flags;
}

static __always_inline void arch_irq_enable(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static __always_inline void arch_irq_disable(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static __always_inline void arch_irq_restore(unsigned long flags)
{
	if (flags & X86_FLAGS_IF)
		arch_irq_enable();
	else
		barrier();
}

static __always_inline bool arch_irqs_disabled_flags(unsigned long flags)
{
	return !(flags & X86_FLAGS_IF);
}

static __always_inline bool arch_irqs_disabled(void)
{
	unsigned long flags;

	__asm__ volatile("pushfl\n\tpopl %0" : "=r"(flags));
	return arch_irqs_disabled_flags(flags);
}

static __always_inline bool arch_may_switch(void)
{
	return arch_irqs_disabled();
}

static __always_inline void arch_cpu_relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}

/* sti takes effect after the next instruction: no interrupt can slip in before the hlt. */
static __always_inline void arch_idle(void)
{
	__asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}

static __always_inline unsigned int smp_processor_id(void)
{
	unsigned int id;

	__asm__ volatile("movl %%fs:%c1, %0" : "=r"(id) : "i"(offsetof(struct i386_cpu, id)));
	return id;
}

/* Not volatile: a thread's `current` never changes under it, so that the compiler may keep it. */
static __always_inline struct task_struct *get_current(void)
{
	struct task_struct *task;

	__asm__("movl %%fs:%c1, %0" : "=r"(task) : "i"(offsetof(struct i386_cpu, current_task)));
	return task;
}

static __always_inline u64 arch_clock_cycles(void)
{
	u32 low, high;

	/* Two halves rather than "=A": GCC then keeps them in registers. */
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (u64)high << 32 | low;
}

/* CPUID serialises: Intel SDM vol. 3, section 8.3. */
static __always_inline void arch_sync_core(void)
{
	u32 a, b, c, d;

	cpuid(0, 0, &a, &b, &c, &d);
	barrier();
}

static __always_inline void smp_mb(void)
{
	__asm__ volatile("lock addl $0, (%%esp)" : : : "memory", "cc");
}

static __always_inline unsigned long instruction_pointer(const struct pt_regs *regs)
{
	return regs->ip;
}

static __always_inline unsigned long regs_return_value(const struct pt_regs *regs)
{
	return regs->ax;
}

static __always_inline unsigned long frame_pointer(const struct pt_regs *regs)
{
	return regs->bp;
}

static __always_inline unsigned long kernel_stack_pointer(const struct pt_regs *regs)
{
	return regs->sp;
}

/* The NOP of site.h; the port's patcher makes it a `jmp rel32`. */
static __always_inline bool arch_jump_site(struct jump_key *key)
{
	__asm__ goto(
		"1:	.byte 0x0f, 0x1f, 0x44, 0x00, 0x00\n\t"
		".pushsection jump_sites, \"a\"\n\t"
		".balign	4\n\t"
		".long	1b, %l[taken], %c0\n\t"
		".popsection"
		: : "i"(key) : : taken);
	return false;
taken:	__attribute__((cold));
	return true;
}

static __always_inline u8 arch_load_nofault(const u8 *addr)
{
	u8 value = 0;

	__asm__ volatile(
		"1:	movb (%1), %0\n"
		"2:\n\t"
		EX_TABLE(1b, 2b)
		: "+q"(value) : "r"(addr));
	return value;
}
