/* SPDX-License-Identifier: MIT */
/*
 * hook=mcount: a site is behind its function's prologue, whose length varies. So the symbol table
 * tells which function a site belongs to.
 */
#include "kernel/kallsyms.h"
#include "trace/arch.h"

unsigned long arch_ftrace_site(unsigned long table_entry)
{
	return table_entry;
}

unsigned long arch_ftrace_function(unsigned long ip)
{
	unsigned long offset;

	return kallsyms_lookup_size_offset(ip, NULL, &offset) ? ip - offset : 0;
}
