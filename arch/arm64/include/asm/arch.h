/* SPDX-License-Identifier: MIT */
/*
 * The inline half of kernel/arch.h on arm64; the contracts are there. `current`
 * lives in SP_EL0, which a kernel without user space has no other use for, and
 * TPIDR_EL1 points at this CPU's struct arm64_cpu.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"
#include <asm/extable.h>
#include <asm/ptrace.h>

struct jump_key;

/* A CPU's own words. Those that are not the boot CPU's are filled in before it is started. */
struct arm64_cpu {
	unsigned int id;
	u32 gic_target;			/* GICv2: its bit in lists of targets, set by itself */
	u64 mpidr;			/* its affinity fields */
	void *redist;			/* GICv3 */
	unsigned long overflow_stack;	/* its top: for exceptions that find no stack left */
	unsigned long idle_stack;	/* its top, and its thread: where a CPU starts */
	struct task_struct *idle;
	void *sequence_buffer;		/* where ftrace_function.S writes */
	void *graph_buffer;		/* where function_graph's trampolines do */
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

/*
 * Interrupts are masked by DAIF.I, or, where there are pseudo-NMIs (nmi.c), by the GIC's priority
 * mask ICC_PMR_EL1 (S3_0_C4_C6_0), which has one of two values then. On such machines boot makes
 * the first instruction of @daif a branch to @pmr, out of line, which goes on behind the last one.
 *
 * The two values differ in bit 7, of which arch_irqs_disabled() makes PSR_I_BIT. IRQ_PMR_OFF lies
 * between the priorities of NMIs and of all other interrupts.
 */
#define IRQ_PMR_ON 0xf0
#define IRQ_PMR_OFF 0x60
#define IRQ_MASK_SITE(daif, pmr)				\
	"661:	" daif "\n"					\
	"662:\n"						\
	"	.subsection 1\n"				\
	"663:	" pmr "\n"					\
	"	b	662b\n"					\
	"	.previous\n"					\
	"	.pushsection .irq_sites, \"a\"\n"		\
	"	.balign	4\n"					\
	"	.long	661b - ., 663b - .\n"			\
	"	.popsection\n"
#define PMR "S3_0_C4_C6_0"
#define SET_PMR(tmp, value) "mov " tmp ", #" __stringify(value) "\n\tmsr " PMR ", " tmp "\n"

static __always_inline unsigned long arch_irq_save(void)
{
	unsigned long flags, tmp;

	__asm__ inline volatile(IRQ_MASK_SITE("mrs %0, daif\n\tmsr daifset, #2",
				       "mrs %0, " PMR "\n\t" SET_PMR("%1", IRQ_PMR_OFF))
			 : "=&r"(flags), "=&r"(tmp) : : "memory");
	return flags;
}

static __always_inline void arch_irq_restore(unsigned long flags)
{
	__asm__ inline volatile(IRQ_MASK_SITE("msr daif, %0", "msr " PMR ", %0")
			 : : "r"(flags) : "memory");
}

static __always_inline void arch_irq_enable(void)
{
	unsigned long tmp;

	__asm__ inline volatile(IRQ_MASK_SITE("msr daifclr, #2", SET_PMR("%0", IRQ_PMR_ON))
			 : "=&r"(tmp) : : "memory");
}

static __always_inline void arch_irq_disable(void)
{
	unsigned long tmp;

	__asm__ inline volatile(IRQ_MASK_SITE("msr daifset, #2", SET_PMR("%0", IRQ_PMR_OFF))
			 : "=&r"(tmp) : : "memory");
}

static __always_inline bool arch_irqs_disabled(void)
{
	unsigned long flags;

	__asm__ inline volatile(IRQ_MASK_SITE("mrs %0, daif",
					      "mrs %0, " PMR "\n\teor %0, %0, #0x80")
			 : "=r"(flags));
	return flags & PSR_I_BIT;
}

extern bool arm64_pseudo_nmi;
/* They are of DAIF, or of the GIC's mask, where the same bit says the contrary. */
static __always_inline bool arch_irqs_disabled_flags(unsigned long flags)
{
	return !(flags & PSR_I_BIT) == arm64_pseudo_nmi;
}

/* One mask decides, and DAIF.I has the value that goes with that: see nmi.c. */
static __always_inline bool arch_may_switch(void)
{
	bool daif_masked = read_sysreg(daif) & PSR_I_BIT;

	return arch_irqs_disabled() && daif_masked != arm64_pseudo_nmi;
}

static __always_inline void arch_cpu_relax(void)
{
	__asm__ volatile("yield" : : : "memory");
}

/*
 * An interrupt that DAIF masks still ends a WFI, one that the GIC masks does not. Opening the mask
 * for one instruction then takes it.
 */
static __always_inline void arch_idle(void)
{
	unsigned long tmp;

	__asm__ inline volatile(IRQ_MASK_SITE("dsb sy\n\twfi\n\tmsr daifclr, #2\n\tisb\n\t"
				       "msr daifset, #2",
				       "msr daifset, #2\n\t" SET_PMR("%0", IRQ_PMR_ON)
				       "\tdsb sy\n\twfi\n\tmsr daifclr, #2\n\tisb\n\t"
				       SET_PMR("%0", IRQ_PMR_OFF))
			 : "=&r"(tmp) : : "memory");
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

static inline unsigned long regs_return_value(const struct pt_regs *regs)
{
	return regs->regs[0];
}

static inline unsigned long frame_pointer(const struct pt_regs *regs)
{
	return regs->regs[29];
}

static inline unsigned long kernel_stack_pointer(const struct pt_regs *regs)
{
	return regs->sp;
}

/* The port's patcher makes the NOP a `b`. */
static __always_inline bool arch_jump_site(struct jump_key *key)
{
	__asm__ goto(
		"1:	nop\n\t"
		".pushsection jump_sites, \"a\"\n\t"
		".balign	8\n\t"
		".quad	1b, %l[taken], %c0\n\t"
		".popsection"
		: : "i"(key) : : taken);
	return false;
taken:	__attribute__((cold));
	return true;
}

static __always_inline u8 arch_load_nofault(const u8 *addr)
{
	u32 value = 0;

	__asm__ volatile("1:	ldrb	%w0, [%1]\n"
			 "2:\n"
			 EX_TABLE("1b", "2b")
			 : "+r"(value) : "r"(addr));
	return (u8)value;
}
