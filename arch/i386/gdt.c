/* SPDX-License-Identifier: MIT */
/*
 * A CPU's segments: flat code and data, a small data segment in %fs for its
 * struct i386_cpu, and two task segments. A double fault (a kernel stack
 * overflow makes one: the page fault finds no stack to push on) switches to the second
 * task, which brings its own stack; the CPU leaves the faulting registers in the first.
 * Untraced, arch_set_current() too: it runs while `current` and the stack disagree.
 */
#include "kernel/arch.h"
#include "kernel/lockdep.h"
#include "kernel/sched/sched.h"
#include <asm/arch.h>

#define DESC_CODE 0x00cf9b000000ffffull	/* 4 GiB, execute and read, accessed */
#define DESC_DATA 0x00cf93000000ffffull	/* 4 GiB, read and write, accessed */
#define DESC_PERCPU 0x0040930000000000ull	/* byte granular: base and limit to be filled in */
#define DESC_TSS 0x0000890000000000ull	/* 32-bit TSS, available */

struct i386_cpu i386_boot_cpu;

void i386_double_fault(void);

struct descriptor_table {
	u16 limit;
	u32 base;
} __packed;

static u64 descriptor(u64 type, const void *base, u32 size)
{
	u64 addr = (u32)base, limit = size - 1;

	return type | (limit & 0xffff) | (limit & 0xf0000) << 32 |
	       (addr & 0xffffff) << 16 | (addr & 0xff000000) << 32;
}

static void load_gdt(const struct i386_cpu *cpu)
{
	const struct descriptor_table table = { sizeof(cpu->gdt) - 1, (u32)cpu->gdt };

	/*
	 * A segment register keeps the descriptor that it was loaded with: so all of them are
	 * loaded again, %cs by a far jump.
	 */
	__asm__ volatile(
		"lgdt	%0\n\t"
		"ljmp	%1, $1f\n"
		"1:	movl	%2, %%ds\n\t"
		"movl	%2, %%es\n\t"
		"movl	%2, %%ss\n\t"
		"movl	%3, %%fs\n\t"
		"movl	%4, %%gs\n\t"
		"ltr	%w5"
		: : "m"(table), "i"(SEL_CODE), "r"(SEL_DATA), "r"(SEL_PERCPU), "r"(0), "r"(SEL_TSS)
		: "memory");
}

void i386_cpu_init(struct i386_cpu *cpu, unsigned int id, unsigned long stack_top)
{
	cpu->self = cpu;
	cpu->id = id;
	cpu->current_task = &init_task;
	cpu->gdt[SEL_CODE / 8] = DESC_CODE;
	cpu->gdt[SEL_DATA / 8] = DESC_DATA;
	cpu->gdt[SEL_PERCPU / 8] = descriptor(DESC_PERCPU, cpu, sizeof(*cpu));
	cpu->gdt[SEL_TSS / 8] = descriptor(DESC_TSS, &cpu->tss, sizeof(cpu->tss));
	cpu->gdt[SEL_DOUBLE_FAULT / 8] =
		descriptor(DESC_TSS, &cpu->double_fault_tss, sizeof(cpu->double_fault_tss));
	cpu->tss.io_bitmap = sizeof(cpu->tss);
	cpu->double_fault_tss = (struct i386_tss){
		.cr3 = read_cr3(),
		.eip = (u32)i386_double_fault,
		.eflags = 2,			/* the bit that is always set: interrupts off */
		.esp = stack_top,
		.cs = SEL_CODE, .ds = SEL_DATA, .es = SEL_DATA, .ss = SEL_DATA, .fs = SEL_PERCPU,
		.io_bitmap = sizeof(cpu->double_fault_tss),
	};
	load_gdt(cpu);
}

void arch_set_current(struct task_struct *task)
{
	assert_irqs_off();
	__asm__ volatile("movl %0, %%fs:%c1"
			 : : "r"(task), "i"(offsetof(struct i386_cpu, current_task)) : "memory");
}
