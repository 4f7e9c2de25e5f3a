/* SPDX-License-Identifier: MIT */
/*
 * NMIs: vector 2, sent by the local APIC (smp.c). One can come at any instruction, and nothing is
 * safe from it but another NMI; entry.S needs nothing but a stack, and %fs never changes. Untraced.
 */
#include "arch/i386/i386.h"
#include "kernel/nmi.h"
#include "kernel/sched/current.h"
#include "kernel/smp.h"

#define INSN_HLT 0xf4

/* struct i386_cpu's nmi_state. */
#define NMI_NONE 0u
#define NMI_RUNS 1u
#define NMI_MISSED 2u			/* runs, and another one came */

/*
 * After `sti` no interrupt comes before the next instruction, `hlt`, but an NMI does, and the iret
 * that ends it gives that protection up. An interrupt that is handled then would not end the halt
 * any more: so there is no halt.
 */
static void skip_halt(struct pt_regs *regs)
{
	u8 insn;

	if (regs->flags & X86_FLAGS_IF && !arch_read_nofault(&insn, (void *)regs->ip, 1) &&
	    insn == INSN_HLT)
		regs->ip++;
}

/*
 * While an NMI is handled, the CPU holds further ones back until the next iret. But that may be the
 * iret of a breakpoint or a fault inside the handler, so that another NMI comes before this one is
 * over. It only leaves a note, and the loop here makes up for it. @regs stay right, because the
 * inner one has returned by then. %cr2 is kept for a page fault handler that may have been
 * interrupted. Each change of nmi_state is one instruction.
 */
void i386_nmi(struct pt_regs *regs)
{
	struct i386_cpu *cpu = i386_this_cpu();
	unsigned long cr2 = read_cr2();
	bool again;

	if (READ_ONCE(cpu->nmi_state) != NMI_NONE) {
		WRITE_ONCE(cpu->nmi_state, NMI_MISSED);
		return;
	}
	do {
		WRITE_ONCE(cpu->nmi_state, NMI_RUNS);
		if (i386_is_stop_nmi())
			smp_handle_ipi(IPI_STOP);
		nmi_enter();
		nmi_handle(regs);
		nmi_exit();
		write_cr2(cr2);
		/*
		 * From MISSED to RUNS, or from RUNS to NONE: by one instruction, so that no NMI
		 * which comes now is forgotten.
		 */
		__asm__ volatile("decl %0" : "+m"(cpu->nmi_state), "=@ccnz"(again) : : "memory");
	} while (again);
	skip_halt(regs);
}
