/* SPDX-License-Identifier: MIT */
/* A thread's first stack frame, and where `current` is kept. switch.S does the switching. */
#include <asm/arch.h>
#include <asm/memory.h>
#include "arch/arm64/arm64.h"
#include "arch/arm64/sections.h"
#include "kernel/arch.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/sched/sched.h"

void arch_thread_init(struct task_struct *task)
{
	struct switch_frame *frame = (void *)((char *)task->stack + THREAD_STACK_SIZE);

	frame--;
	memset(frame, 0, sizeof(*frame));
	frame->lr = (unsigned long)arm64_thread_start;
	task->thread_sp = (unsigned long)frame;
}

void arch_set_current(struct task_struct *task)
{
	assert_irqs_off();
	write_sysreg(task, sp_el0);
}

unsigned long arch_task_stack_pointer(const struct task_struct *task)
{
	return task->thread_sp;
}

bool arch_stack_bounds(const struct task_struct *task, unsigned long sp, unsigned long *low,
		       unsigned long *high)
{
	/* Thread 0 began on the stack that the image has. */
	*low = (unsigned long)(task->stack ? task->stack : boot_stack);
	*high = *low + (task->stack ? THREAD_STACK_SIZE : BOOT_STACK_SIZE);
	return sp >= *low && sp < *high;
}
