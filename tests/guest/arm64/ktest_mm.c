/* SPDX-License-Identifier: MIT */
/*
 * Where the kernel reaches physical pages: each at one place, that of its owner. The image and the
 * pages freed from it are what differs between machines by luck only, so all of them are asked for.
 */
#include <asm/memory.h>
#include "arch/arm64/arm64.h"
#include "arch/arm64/sections.h"
#include "kernel/arch.h"
#include "tests/guest/ktest/ktest.h"

static bool is_there(unsigned long va)
{
	u64 word;

	return !arch_read_nofault(&word, (const void *)va, sizeof(word));
}

/* A page table may come to lie in any page that is free, in those of init memory too. */
KTEST(mm, each_page_of_the_image_is_reached)
{
	unsigned long offset, size = (unsigned long)(_end - _text);

	for (offset = 0; offset < size; offset += PAGE_SIZE) {
		unsigned long in_image = KERNEL_BASE + offset;
		unsigned long direct = (unsigned long)phys_to_virt(kernel_phys + offset);
		bool is_freed = in_image >= (unsigned long)__init_begin &&
				in_image < (unsigned long)__init_end;

		/* The guard below the boot stack is nobody's. */
		if (in_image == (unsigned long)boot_stack_guard)
			continue;
		KT_EXPECT_EQ(t, arm64_reach(kernel_phys + offset), is_freed ? direct : in_image);
		KT_EXPECT_EQ(t, is_there(in_image), !is_freed);
		KT_EXPECT_EQ(t, is_there(direct), is_freed);
		KT_EXPECT_EQ(t, virt_to_phys(arm64_reach(kernel_phys + offset)),
			     kernel_phys + offset);
	}
	KT_EXPECT(t, is_there((unsigned long)arm64_reach(kernel_phys + size)));
}
