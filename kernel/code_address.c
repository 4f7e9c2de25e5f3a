/* SPDX-License-Identifier: MIT */
/*
 * Checks whether an address can be called, or is data that stays. The kernel's text and memory from
 * execmem_alloc() can be called, and two comparisons tell. For any other address the page tables
 * are searched, because code may have been mapped with arch_map_page(). What the code does when it
 * is called is not checked.
 */
#include <asm/memory.h>
#include "kernel/arch.h"
#include "kernel/code_address.h"
#include "kernel/mm/mm.h"

struct mapping {
	unsigned long addr;
	unsigned int prot;
	bool found;
};

static bool in_range(unsigned long addr, const char *start, const char *end)
{
	return addr >= (unsigned long)start && addr < (unsigned long)end;
}

static void match_mapping(unsigned long va, size_t size, unsigned int prot, void *arg)
{
	struct mapping *mapping = arg;

	if (mapping->addr - va < size) {
		mapping->found = true;
		mapping->prot = prot;
	}
}

static struct mapping find_mapping(unsigned long addr)
{
	struct mapping mapping = { .addr = addr };
	unsigned long flags = arch_irq_save();

	arch_walk_mappings(match_mapping, &mapping);
	arch_irq_restore(flags);
	return mapping;
}

const char *code_address_problem(unsigned long addr)
{
	struct mapping mapping;

	if (!addr)
		return "no address";
	if (addr % ARCH_INSN_ALIGN)
		return "instructions are aligned";
	/* Its memory is reused after boot, and a function registered there would then be data. */
	if (in_range(addr, _sinittext, _einittext))
		return "start-up code, which is given back";
	if (in_range(addr, _text, _etext) || is_execmem(addr))
		return NULL;
	mapping = find_mapping(addr);
	if (!mapping.found)
		return "nothing is mapped there";
	/*
	 * A processor without NX can execute every page, so the page tables do not tell data from
	 * code there; but these ranges never contain code.
	 */
	if (mapping.prot & PROT_WRITE || in_range(addr, _etext, _end) ||
	    (addr >= MODDATA_START && addr < MODDATA_END))
		return "data";
	return mapping.prot & PROT_EXEC ? NULL : "data";
}

bool notrace core_kernel_data(unsigned long addr)
{
	return in_range(addr, _etext, _end) && !in_range(addr, __init_begin, __init_end);
}
