/* SPDX-License-Identifier: MIT */
/* arch_save_regs(): the registers that a report prints of the running code must be true. */
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/string.h"
#include "tests/guest/ktest/ktest.h"

KTEST(regs, are_the_callers)
{
	unsigned long offset = 0, here, frame = (unsigned long)__builtin_frame_address(0);
	struct pt_regs regs;

	memset(&regs, 0xa5, sizeof(regs));
	arch_save_regs(&regs);
	here = instruction_pointer(&regs);
	kallsyms_lookup_size_offset(here, NULL, &offset);
	KT_EXPECT(t, here - offset == (unsigned long)ktest_regs_are_the_callers);
	KT_EXPECT(t, frame_pointer(&regs) == frame);
	/* The stack pointer is at the frame or below it, and below everything in the frame. */
	KT_EXPECT(t, kernel_stack_pointer(&regs) <= frame);
	KT_EXPECT(t, kernel_stack_pointer(&regs) <= (unsigned long)&regs);
	KT_EXPECT(t, frame - kernel_stack_pointer(&regs) < 2 * sizeof(regs) + 512);
}
