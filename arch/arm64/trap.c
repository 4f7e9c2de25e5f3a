/* SPDX-License-Identifier: MIT */
/*
 * Exceptions. The kernel survives three kinds: a page of vmap that comes when it is touched,
 * instructions that it tries on purpose (arch_read_nofault(), a semihosting call), for which
 * __ex_table names where to go on, and single steps that somebody asked for (arch_step_hook). All
 * others end in a report of what went wrong, and die(). ESR: Arm ARM D17.2.37.
 */
#define PREEMPTIRQ_HOOKS 1			/* as fault_enter() and its kin do */
#include <asm/arch.h>
#include <asm/memory.h>
#include "arch/arm64/arm64.h"
#include "arch/arm64/sections.h"
#include "arch/common/sequence.h"
#include "kernel/arch.h"
#include "kernel/bug.h"
#include "kernel/lib/errno.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/sched.h"

#define ESR_CLASS(esr) ((unsigned int)((esr) >> 26) & 0x3f)
#define ESR_WRITE (1u << 6)		/* of a data abort */
#define ESR_STATUS(esr) ((esr) & 0x3f)	/* of an abort */
#define STATUS_NOT_MAPPED 1		/* >> 2: which level is of no interest */
#define CLASS_UNDEFINED 0x00
#define CLASS_INSN_ABORT 0x21
#define CLASS_DATA_ABORT 0x25
#define CLASS_SP_ALIGNMENT 0x26
#define CLASS_STEP 0x33		/* software step, from EL1 */
#define CLASS_BRK 0x3c

/* Each field holds the distance from itself to what it names. */
struct ex_entry {
	s32 insn, fixup;
};
extern const struct ex_entry __start_ex_table[], __stop_ex_table[];

struct arm64_cpu arm64_cpus[NR_CPUS];
bool (*arch_step_hook)(struct pt_regs *regs);
char overflow_stacks[NR_CPUS * OVERFLOW_STACK_SIZE] __aligned(16);

static const char *class_name(unsigned int class)
{
	/* Those that a kernel without user programs can meet. */
	switch (class) {
	case CLASS_UNDEFINED: return "undefined instruction";
	case 0x07: return "floating-point instruction";
	case 0x0e: return "illegal execution state";
	case 0x18: return "trapped system instruction";
	case CLASS_INSN_ABORT: return "instruction fetch fault";
	case 0x22: return "misaligned program counter";
	case CLASS_DATA_ABORT: return "data fault";
	case CLASS_SP_ALIGNMENT: return "misaligned stack pointer";
	case 0x2f: return "SError";
	case CLASS_BRK: return "breakpoint instruction";
	default: return "unexpected exception";
	}
}

static const char *fault_name(unsigned long status)
{
	switch (status >> 2) {
	case 0: return "address size fault";
	case STATUS_NOT_MAPPED: return "not mapped";
	case 2: return "access flag fault";
	case 3: return "not permitted";
	case 4: case 5: return "external abort";
	default: return status == 0x21 ? "misaligned" : "fault";
	}
}

static bool fixup_exception(struct pt_regs *regs)
{
	for (const struct ex_entry *e = __start_ex_table; e < __stop_ex_table; e++) {
		if ((unsigned long)&e->insn + e->insn == regs->pc) {
			regs->pc = (unsigned long)&e->fixup + e->fixup;
			return true;
		}
	}
	return false;
}

static void __noreturn die_of_abort(struct pt_regs *regs, unsigned long esr, unsigned long far)
{
	const char *access = ESR_CLASS(esr) == CLASS_INSN_ABORT ? "execute" :
			     esr & ESR_WRITE ? "write" : "read";
	const char *cause = fault_name(ESR_STATUS(esr));
	char what[128];

	/* Page 0 is never mapped, so an address in it is NULL and the offset of a member. */
	if (far < PAGE_SIZE)
		scnprintf(what, sizeof(what), "NULL pointer dereference: %s at address 0x%lx",
			  access, far);
	else
		scnprintf(what, sizeof(what), "page fault: %s at address 0x%016lx: %s",
			  access, far, cause);
	die(what, regs);
}

/*
 * Bring a page that comes when it is touched. Interrupts were on where it was, so that a due switch
 * of threads is made at the end.
 */
static bool bring_page(struct pt_regs *regs, unsigned long esr, unsigned long far)
{
	bool brought;

	arm64_exception_may_switch();
	fault_enter();
	brought = vmap_fault(far, esr & ESR_WRITE ? FAULT_FLAG_WRITE : 0, regs);
	fault_exit();
	if (brought)
		preempt_check_irq();
	return brought;
}

/*
 * Does the interrupted code go on, where it was or at its fixup? @were_on tells whether interrupts
 * were on there.
 */
static bool is_survived(struct pt_regs *regs, unsigned long esr, unsigned long far, bool were_on)
{
	unsigned int class = ESR_CLASS(esr);

	/* Only what may be such a page goes to vmap_fault(): all the rest here is untraced. */
	if (class == CLASS_DATA_ABORT && ESR_STATUS(esr) >> 2 == STATUS_NOT_MAPPED && were_on &&
	    far >= VMAP_START && far < VMAP_END && bring_page(regs, esr, far)) {
		restart_sequence(&regs->pc);
		return true;
	}
	if ((class == CLASS_DATA_ABORT || class == CLASS_UNDEFINED) && fixup_exception(regs))
		return true;
	if (class == CLASS_STEP && arch_step_hook) {
		if (arch_step_hook(regs))
			restart_sequence(&regs->pc);
		regs->pstate |= PSR_SS_BIT;	/* one more instruction */
		return true;
	}
	return false;
}

void arm64_sync(struct pt_regs *regs, unsigned long esr, unsigned long far)
{
	bool were_on = arm64_irqs_were_on(regs);
	/* In this order: entering closes the mask that the question above reads. */
	u64 mask = arm64_exception_enter();
	unsigned int class = ESR_CLASS(esr);
	char what[96];

	if (is_survived(regs, esr, far, were_on)) {
		arm64_exception_exit(mask);
		return;
	}
	/* All that follows are reports, which do not return: the mask stays as it is. */
	if (class == CLASS_DATA_ABORT || class == CLASS_INSN_ABORT)
		die_of_abort(regs, esr, far);
	if (class == CLASS_BRK)
		scnprintf(what, sizeof(what), "breakpoint instruction: brk #%lu", esr & 0xffff);
	else
		scnprintf(what, sizeof(what), "%s (ESR 0x%lx)", class_name(class), esr);
	die(what, regs);
}

void arm64_bad_stack(struct pt_regs *regs, unsigned long esr, unsigned long far)
{
	char what[128];

	if (regs->sp % 16)
		scnprintf(what, sizeof(what), "misaligned stack pointer 0x%016lx", regs->sp);
	else
		scnprintf(what, sizeof(what),
			  "kernel stack overflow: stack pointer 0x%016lx, %s at address 0x%016lx",
			  regs->sp, class_name(ESR_CLASS(esr)), far);
	die(what, regs);
}

void arm64_bad_exception(struct pt_regs *regs, unsigned int vector, unsigned long esr)
{
	static const char *const kinds[] = { "synchronous", "IRQ", "FIQ", "SError" };
	char what[96];

	scnprintf(what, sizeof(what), "unexpected %s exception, vector %u (ESR 0x%lx)",
		  kinds[vector % 4], vector, esr);
	die(what, regs);
}

void arch_trap_init(void)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		arm64_cpus[cpu].id = cpu;
		arm64_cpus[cpu].overflow_stack =
			(unsigned long)overflow_stacks + (cpu + 1) * OVERFLOW_STACK_SIZE;
	}
}

void arch_show_regs(const struct pt_regs *regs)
{
	printk(KERN_EMERG "pc : %pS\n", (void *)regs->pc);
	printk(KERN_EMERG "lr : %pS\n", (void *)regs->regs[30]);
	printk(KERN_EMERG "pc : %016lx  lr : %016lx  pstate: %08lx\n",
	       regs->pc, regs->regs[30], regs->pstate);
	printk(KERN_EMERG "sp : %016lx  x29: %016lx  x28: %016lx\n",
	       regs->sp, regs->regs[29], regs->regs[28]);
	for (int i = 27; i > 0; i -= 3)
		printk(KERN_EMERG "x%-2d: %016lx  x%-2d: %016lx  x%-2d: %016lx\n",
		       i, regs->regs[i], i - 1, regs->regs[i - 1], i - 2, regs->regs[i - 2]);
	printk(KERN_EMERG "x0 : %016lx\n", regs->regs[0]);
}
