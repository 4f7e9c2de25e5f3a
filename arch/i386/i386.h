/* SPDX-License-Identifier: MIT */
/* What the files of this port tell each other, and nobody else. */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"
#include <asm/extable.h>

struct boot_info;
struct pt_regs;
struct task_struct;

/* Fault fixup: an access at @insn may fault, and goes on at @fixup then. */
struct ex_table_entry {
	unsigned long insn, fixup;
};

/* What the boot CPU tells the one that it starts: for smp.c and smp_start.S. */
struct i386_start {
	unsigned long stack_top;
	u32 efer;			/* 0: this machine has no such register */
	unsigned int cpu;
	struct task_struct *idle;
	void *double_fault_stack_top;
	u64 tsc;			/* when it came; valid once it is here */
	bool here;
};

/* Where @task's stack lies: [*low, *high). */
void i386_stack_bounds(const struct task_struct *task, unsigned long *low, unsigned long *high);
/* Find the TSC's frequency. Called once, by arch_trap_init(). */
void i386_tsc_init(void);
/* Send a byte on COM1, by polling; and wait until all bytes were sent. */
void i386_uart_putc(char c);
void i386_uart_drain(void);
/* Boot: set COM1 to 115200 8N1, without interrupts yet. */
void i386_uart_init(void);
/* Boot, arch_mmu_init(): no direct map beyond the end of RAM. */
void i386_trim_direct_map(const struct boot_info *info);
/* Boot: move boot modules that lie above the direct map into it, if there is room. */
void i386_bring_modules_down(struct boot_info *info);
/*
 * Map @pa at the page @slot of the fixmap, read-write, and uncached if those are @registers; and
 * unmap it. No other CPU's TLB is told.
 */
void *i386_fixmap(unsigned int slot, u64 pa, bool registers);
void i386_fixmap_clear(unsigned int slot);
bool i386_has_nx(void);
/* This CPU takes exceptions and interrupts through the IDT. */
void i386_load_idt(void);
/* smp.c: handle an interrupt of the local APIC; was an NMI sent to stop this CPU? */
void i386_lapic_interrupt(unsigned int vector);
bool i386_is_stop_nmi(void);
/* Handle an NMI that has interrupted @regs. */
void i386_nmi(struct pt_regs *regs);
/* Acknowledge interrupt @irq. False: it was spurious, there is nothing to handle. */
bool i386_irq_ack(unsigned int irq);

/* --- ftrace.c, for unwind.c; any context, untraced --- */
/* What a trampoline knows of the call that it runs for. */
struct ftrace_unwound {
	unsigned long ip;		/* where the traced function resumes; 0: it has returned */
	unsigned long parent_ip;	/* its return address, perhaps a hidden one, */
	const unsigned long *slot;	/* which is, or was, here */
	unsigned long fp;		/* its caller's frame pointer */
};
/*
 * If @regs was interrupted inside a trampoline or stub, store what that knows in @u. Returns false
 * if @regs is elsewhere.
 */
bool ftrace_unwind_regs(const struct pt_regs *regs, struct ftrace_unwound *u);
/*
 * The same for @frame, the frame pointer of the first C function that a trampoline called, which
 * returns to @ret.
 */
bool ftrace_unwind_frame(unsigned long frame, unsigned long ret, struct ftrace_unwound *u);
