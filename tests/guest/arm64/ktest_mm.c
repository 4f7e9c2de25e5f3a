/* SPDX-License-Identifier: MIT */
/*
 * Where the kernel reaches physical pages: each page has one place, which its owner uses. Only the
 * image, and the pages that were freed from it, could differ between machines by luck, so all of
 * these are tested.
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

/* A page table may be made in any free page, so also in those that were init memory. */
KTEST(mm, each_page_of_the_image_is_reached)
{
	unsigned long offset, size = (unsigned long)(_end - _text);

	for (offset = 0; offset < size; offset += PAGE_SIZE) {
		unsigned long in_image = KERNEL_BASE + offset;
		unsigned long direct = (unsigned long)phys_to_virt(kernel_phys + offset);
		bool is_freed = in_image >= (unsigned long)__init_begin &&
				in_image < (unsigned long)__init_end;

		/* The guard page below the boot stack belongs to nobody. */
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
