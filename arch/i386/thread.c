/* SPDX-License-Identifier: MIT */
/* Threads: their first stack frame, and where their stacks lie. */
#include "arch/i386/i386.h"
#include "arch/i386/switch_frame.h"
#include "kernel/arch.h"
#include "kernel/sched/sched.h"

extern char boot_stack[], boot_stack_top[];

void i386_thread_start(void);

void arch_thread_init(struct task_struct *task)
{
	struct i386_switch_frame *frame;

	frame = (struct i386_switch_frame *)((unsigned long)task->stack + THREAD_STACK_SIZE) - 1;
	*frame = (struct i386_switch_frame){ .ip = (unsigned long)i386_thread_start };
	task->thread_sp = (unsigned long)frame;
}

unsigned long arch_task_stack_pointer(const struct task_struct *task)
{
	return task->thread_sp;
}

void i386_stack_bounds(const struct task_struct *task, unsigned long *low, unsigned long *high)
{
	if (task->stack) {
		*low = (unsigned long)task->stack;
		*high = *low + THREAD_STACK_SIZE;
	} else {
		*low = (unsigned long)boot_stack;
		*high = (unsigned long)boot_stack_top;
	}
}

bool arch_stack_bounds(const struct task_struct *task, unsigned long sp, unsigned long *low,
		       unsigned long *high)
{
	i386_stack_bounds(task, low, high);
	return sp >= *low && sp < *high;
}
