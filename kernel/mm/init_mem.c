/* SPDX-License-Identifier: MIT */
/*
 * Once the kernel is up, the memory of __init code and data goes to the page
 * allocator: first the tracer and the symbol table forget it, then the port takes
 * its execute right away. Its address changes by that where the image lies apart
 * from the direct map.
 */
#include <asm/memory.h>
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/string.h"
#include "kernel/mm/init_mem.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/trace_hooks.h"

extern char __init_begin[], __init_end[];

void free_init_memory(void)
{
	unsigned long start = (unsigned long)__init_begin, end = (unsigned long)__init_end;
	unsigned long data = (unsigned long)phys_to_virt(virt_to_phys(__init_begin));

	ftrace_free_mem(start, end);
	kallsyms_drop_init();
	if (arch_mmu_seal()) {
		pr_err("Unused kernel memory is lost: no memory to map it\n");
		return;
	}
	/*
	 * No code is left in it. An emulator that has translated some takes each write to its page
	 * for a change of it: as a thread's stack such a page makes the thread 40 times slower.
	 */
	memset((void *)data, 0, end - start);
	mm_release_range(data, data + (end - start));
	pr_info("Freeing unused kernel memory: %luK\n", (end - start) / 1024);
}
