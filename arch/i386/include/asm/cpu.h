/* SPDX-License-Identifier: MIT */
/*
 * What each CPU has for itself: %fs points at its struct i386_cpu, so that `current` and the CPU's
 * number are one load each. Each CPU has its own GDT, so that on each the same selector means its
 * own struct and its own task segments.
 */
#pragma once

/* GDT selectors. */
#define SEL_CODE 0x08
#define SEL_DATA 0x10
#define SEL_PERCPU 0x18
#define SEL_TSS 0x20		/* where a double fault leaves the registers of what was running */
#define SEL_DOUBLE_FAULT 0x28	/* the task that a double fault starts, with a stack of its own */
#define GDT_ENTRIES 6

#ifndef __ASSEMBLER__
#include "kernel/compiler.h"
#include "kernel/types.h"

struct task_struct;

struct i386_tss {
	u32 link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags;
	u32 eax, ecx, edx, ebx, esp, ebp, esi, edi;
	u32 es, cs, ss, ds, fs, gs, ldt;
	u16 trap, io_bitmap;
};
_Static_assert(sizeof(struct i386_tss) == 104, "32-bit TSS, Intel SDM vol. 3, section 7.2.1");

struct i386_cpu {
	struct i386_cpu *self;
	unsigned int id;
	struct task_struct *current_task;
	void *sequence_buffer;		/* where ftrace_function.S writes */
	void *graph_buffer;		/* where function_graph's trampolines do */
	unsigned int nmi_state;		/* nmi.c */
	u64 gdt[GDT_ENTRIES];
	struct i386_tss tss, double_fault_tss;
} __aligned(64);

/* Load GDT and %fs of @cpu, before anything else in C. A double fault will use @stack_top. */
void i386_cpu_init(struct i386_cpu *cpu, unsigned int id, unsigned long stack_top);
extern struct i386_cpu i386_boot_cpu;
struct i386_cpu *i386_cpu_of(unsigned int id);

static __always_inline struct i386_cpu *i386_this_cpu(void)
{
	struct i386_cpu *cpu;

	__asm__ volatile("movl %%fs:%c1, %0" : "=r"(cpu) : "i"(offsetof(struct i386_cpu, self)));
	return cpu;
}

static __always_inline void cpuid(u32 leaf, u32 subleaf, u32 *a, u32 *b, u32 *c, u32 *d)
{
	__asm__ volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d)
			 : "a"(leaf), "c"(subleaf));
}

static __always_inline unsigned long read_cr2(void)
{
	unsigned long value;

	__asm__ volatile("movl %%cr2, %0" : "=r"(value));
	return value;
}

static __always_inline void write_cr2(unsigned long value)
{
	__asm__ volatile("movl %0, %%cr2" : : "r"(value));
}

static __always_inline unsigned long read_cr3(void)
{
	unsigned long value;

	__asm__ volatile("movl %%cr3, %0" : "=r"(value));
	return value;
}
#endif
