/* SPDX-License-Identifier: MIT */
/*
 * Gives the memory of __init code and data to the page allocator once the kernel is up. First the
 * tracer and the symbol table drop everything in it; then the port makes it plain read-write
 * memory. On a port whose image lies outside the direct map, its addresses change with that.
 */
#include <asm/memory.h>
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/string.h"
#include "kernel/mm/init_mem.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/trace_hooks.h"

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
	 * Overwrite the code. QEMU treats each write to a page that has code it has translated as
	 * a change of that code, so a thread with its stack in such a page is 40 times slower.
	 */
	memset((void *)data, 0, end - start);
	mm_release_range(data, data + (end - start));
	pr_info("Freeing unused kernel memory: %luK\n", (end - start) / 1024);
}
