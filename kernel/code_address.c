/* SPDX-License-Identifier: MIT */
/*
 * Can an address be called? The kernel's text and what execmem_alloc() gave can, and that is
 * known without a search. Of all else only the page tables know, for anybody may have mapped code
 * with arch_map_page(). What the code does when it is called, nobody can tell.
 */
#include <asm/memory.h>
#include "kernel/arch.h"
#include "kernel/code_address.h"
#include "kernel/mm/mm.h"

extern char _text[], _etext[], _sinittext[], _einittext[], _end[];

struct mapping {
	unsigned long addr;
	unsigned int prot;
	bool found;
};

static bool in_range(unsigned long addr, const char *start, const char *end)
{
	return addr >= (unsigned long)start && addr < (unsigned long)end;
}

static void look_at(unsigned long va, size_t size, unsigned int prot, void *arg)
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

	arch_walk_mappings(look_at, &mapping);
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
	/* Its memory becomes data, and whoever was registered before would call that. */
	if (in_range(addr, _sinittext, _einittext))
		return "start-up code, which is given back";
	if (in_range(addr, _text, _etext) || is_execmem(addr))
		return NULL;
	mapping = find_mapping(addr);
	if (!mapping.found)
		return "nothing is mapped there";
	/* A processor without NX executes all that it can read: what code never is, tells then. */
	if (mapping.prot & PROT_WRITE || in_range(addr, _etext, _end) ||
	    (addr >= MODDATA_START && addr < MODDATA_END))
		return "data";
	return mapping.prot & PROT_EXEC ? NULL : "data";
}
