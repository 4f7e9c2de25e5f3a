/* SPDX-License-Identifier: MIT */
/*
 * The i386 image: linked at PAGE_OFFSET + 1 MiB, loaded at 1 MiB. All text and
 * the site tables come before rodata, whose last part is the symbol table: its
 * size moves no function. Each part starts on a page of its own.
 *
 *   text RX | init: text RX, data RW (freed) | rodata R | ro_after_init | data RW | bss
 */
#include <asm/memory.h>
#include "kernel/tables.lds.h"

#undef i386				/* GCC predefines it as 1 */
OUTPUT_FORMAT(elf32-i386)
OUTPUT_ARCH(i386)
/* Virtual; GRUB and QEMU both turn it into the physical address by the text segment. */
ENTRY(i386_start)

PHDRS
{
	text PT_LOAD FLAGS(5);
	init_text PT_LOAD FLAGS(5);
	init_data PT_LOAD FLAGS(6);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
}

#define PAGE_ALIGNED . = ALIGN(4096)

SECTIONS
{
	. = PAGE_OFFSET + KERNEL_LOAD_PA;
	.text : AT(ADDR(.text) - PAGE_OFFSET) SUBALIGN(16) {
		_text = .;
		_stext = .;
		KEEP(*(.multiboot))
		KEEP(*(.boot.text))
		__entry_text_start = .;
		*(.entry.text)
		__entry_text_end = .;
		__ftrace_text_start = .;
		*(.ftrace.text)
		__ftrace_text_end = .;
		/* KASAN's or KCSAN's own. */
		__checks_text_start = .;
		*kernel_kasan_*(.text .text.*)
		*kernel_kcsan_*(.text .text.*)
		__checks_text_end = .;
		*(.text.hot .text.hot.*)
		*(.text .text.*)
		PAGE_ALIGNED;
		_etext = .;
	} :text

	__init_begin = .;
	.init.text : AT(ADDR(.init.text) - PAGE_OFFSET) SUBALIGN(16) {
		_sinittext = .;
		*(.init.text .init.text.*)
		PAGE_ALIGNED;
		_einittext = .;
	} :init_text
	.init.data : AT(ADDR(.init.data) - PAGE_OFFSET) {
		*(.init.data .init.data.*)
		SITE_TABLE
		CONSTRUCTORS
		PAGE_ALIGNED;
	} :init_data
	__init_end = .;

	__start_rodata = .;
	.rodata : AT(ADDR(.rodata) - PAGE_OFFSET) {
		CONSTANT_TABLES
		TABLE_OF(ex_table, __ex_table)
		TABLE_OF(ftrace_distances, .rodata.ftrace_distances)
		TABLE_OF(ftrace_sequences, .rodata.ftrace_sequences)
		*(.rodata .rodata.*)
	} :rodata
	.kallsyms : AT(ADDR(.kallsyms) - PAGE_OFFSET) {
		KEEP(*(.kallsyms))
		KEEP(*(.prototypes))
		PAGE_ALIGNED;
	} :rodata
	__end_rodata = .;

	.data..ro_after_init : AT(ADDR(.data..ro_after_init) - PAGE_OFFSET) {
		__start_ro_after_init = .;
		*(.data..ro_after_init)
		PAGE_ALIGNED;
		__end_ro_after_init = .;
	} :data
	.data : AT(ADDR(.data) - PAGE_OFFSET) {
		__start_data = .;
		*(.data .data.*)
		. = ALIGN(16);
		__end_data = .;
	} :data
	.bss : AT(ADDR(.bss) - PAGE_OFFSET) {
		__bss_start = .;
		*(.bss .bss.*)
		. = ALIGN(16);
		__bss_stop = .;
		PAGE_ALIGNED;
	} :data
	_end = .;

	.got : { *(.got .got.plt .igot .igot.plt) }
	.plt : { *(.plt .iplt) }
	.rel : { *(.rel .rel.*) }
	ASSERT(SIZEOF(.got) <= 12 && SIZEOF(.plt) == 0 && SIZEOF(.rel) == 0,
	       "nothing may need relocation at run time")
	ASSERT(_end - PAGE_OFFSET <= IMAGE_PAGE_TABLES * LARGE_PAGE_SIZE,
	       "the image is too large: see IMAGE_PAGE_TABLES in asm/memory.h")

	/DISCARD/ : { *(.init_array .fini_array) }
	/DISCARD/ : { *(.note.* .eh_frame .interp .dynamic .dynsym .dynstr .hash .gnu.hash) }
}
