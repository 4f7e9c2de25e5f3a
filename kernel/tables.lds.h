/* SPDX-License-Identifier: MIT */
/*
 * The tables that the linker makes of what many files declare, for each port's kernel.lds.S to
 * place. TABLE(NAME) has what is in the sections .NAME, from __start_NAME to __stop_NAME.
 */
#pragma once

#define TABLE_OF(name, sections)	\
	. = ALIGN(8);			\
	__start_##name = .;		\
	KEEP(*(sections))		\
	__stop_##name = .;
#define TABLE(name) TABLE_OF(name, .name)

/* Constants: in .rodata. Those named .table.* bracket themselves, by names that sort so. */
#define CONSTANT_TABLES			\
	TABLE(module_table)		\
	TABLE(module_params)		\
	TABLE(boot_params)		\
	TABLE(shell_commands)		\
	TABLE_OF(jump_sites, jump_sites)	\
	TABLE_OF(tracepoints, tracepoints)	\
	TABLE_OF(trace_events, trace_events)	\
	. = ALIGN(8);			\
	KEEP(*(SORT_BY_NAME(.table.*)))

/* What makes red zones behind variables, file by file: at boot, by KASAN, which is the only one. */
#if KASAN
#define CONSTRUCTORS TABLE_OF(constructors, .init_array)
#else
#define CONSTRUCTORS
#endif

/* The sites that the compiler lists: in .init.data, for the records are made of them at boot. */
#define SITE_TABLE TABLE_OF(mcount_loc, __mcount_loc __patchable_function_entries)
