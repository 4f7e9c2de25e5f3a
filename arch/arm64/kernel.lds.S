/* SPDX-License-Identifier: MIT */
/*
 * The arm64 image: linked at KERNEL_BASE, and turned into the flat `Image`
 * that boot loaders take by objcopy. All text and the site tables come before
 * rodata, whose last part is the symbol table: its size moves no function.
 *
 *   text RX | init: text RX, data RW (freed) | rodata R | ro_after_init | data RW | bss
 */
#include <asm/memory.h>
#include "kernel/tables.lds.h"

OUTPUT_FORMAT(elf64-littleaarch64)
OUTPUT_ARCH(aarch64)
ENTRY(_text)

#define PAGE_ALIGNED . = ALIGN(4096)

SECTIONS
{
	. = KERNEL_BASE;
	.head.text : {
		_text = .;
		_stext = .;
		KEEP(*(.head.header))
		/* Firmware may load no more of this page than the headers say that they need. */
		PAGE_ALIGNED;
		KEEP(*(.head.text))
		. = ALIGN(2048);
		__entry_text_start = .;
		KEEP(*(.entry.text))
		__entry_text_end = .;
		PAGE_ALIGNED;
		__idmap_text_start = .;
		KEEP(*(.idmap.text))
		__idmap_text_end = .;
	}
	/* Aligned for the literals before entries, at any optimisation. */
	.text : SUBALIGN(8) {
		__ftrace_text_start = .;
		*(.ftrace.text)
		__ftrace_text_end = .;
		/* KASAN's or KCSAN's own. */
		__checks_text_start = .;
		*kernel_kasan_*(.text .text.*)
		*kernel_kcsan_*(.text .text.*)
		__checks_text_end = .;
		*(.text.hot .text.hot.*)
		*(.text)
		*(.text.*)
	}
	PAGE_ALIGNED;
	_etext = .;

	__init_begin = .;
	.init.text : SUBALIGN(8) {
		_sinittext = .;
		*(.init.text .init.text.*)
	}
	PAGE_ALIGNED;
	_einittext = .;
	.init.data : {
		*(.init.data .init.data.*)
		SITE_TABLE
		CONSTRUCTORS
		TABLE_OF(irq_sites, .irq_sites)
	}
	PAGE_ALIGNED;
	__init_end = .;

	__start_rodata = .;
	.rodata : {
		TABLE_OF(ftrace_states, .rodata.ftrace_states)
		TABLE_OF(ftrace_sequences, .rodata.ftrace_sequences)
		*(.rodata .rodata.*)
		CONSTANT_TABLES
		TABLE_OF(ex_table, __ex_table)
	}
	.kallsyms : {
		KEEP(*(.kallsyms))
		KEEP(*(.prototypes))
	}
	PAGE_ALIGNED;
	__end_rodata = .;

	.data..ro_after_init : {
		__start_ro_after_init = .;
		*(.data..ro_after_init)
	}
	PAGE_ALIGNED;
	__end_ro_after_init = .;

	.data : {
		__start_data = .;
		*(.data .data.*)
		. = ALIGN(8);
		__end_data = .;
		PAGE_ALIGNED;
		__image_file_end = .;
	}
	.bss : {
		. = ALIGN(16);
		__bss_start = .;
		*(.bss .bss.[!.]* COMMON)
		. = ALIGN(16);
		__bss_stop = .;
	}
	/* Filled by whoever uses it; not worth clearing. */
	.noinit (NOLOAD) : {
		. = ALIGN(4096);
		__noinit_start = .;
		*(.bss..noinit)
		. = ALIGN(4096);
		boot_stack_guard = .;
		. += 4096;
		boot_stack = .;
		. += BOOT_STACK_SIZE;
		boot_stack_top = .;
		__noinit_end = .;
	}
	PAGE_ALIGNED;
	_end = .;

	/* For the Image's header, which is one of PE as well (boot/arm64_image.S). */
	_kernel_size = ABSOLUTE(_end - _text);
	_pe_entry = ABSOLUTE(efi_entry - _text);
	_pe_text = 4096;		/* the headers have the first page */
	_pe_text_size = ABSOLUTE(_einittext - _text) - _pe_text;
	_pe_data = ABSOLUTE(_einittext - _text);
	_pe_data_size = ABSOLUTE(__image_file_end - _einittext);
	_pe_end = ABSOLUTE(__image_file_end - _text);

	.got : { *(.got .got.plt .igot .igot.plt) }
	.plt : { *(.plt .iplt) }
	.rela : { *(.rela .rela.*) }
	ASSERT(SIZEOF(.got) <= 24 && SIZEOF(.plt) == 0 && SIZEOF(.rela) == 0,
	       "nothing may need relocation at run time")
	ASSERT(_end - _text <= KERNEL_SIZE_MAX, "the image is too large: see asm/memory.h")
	ASSERT(__idmap_text_end - __idmap_text_start <= 4096, "identity text takes one page")

	.comment 0 : { *(.comment) }
	.debug_info 0 : { *(.debug_info) }
	.debug_abbrev 0 : { *(.debug_abbrev) }
	.debug_aranges 0 : { *(.debug_aranges) }
	.debug_line 0 : { *(.debug_line) }
	.debug_line_str 0 : { *(.debug_line_str) }
	.debug_str 0 : { *(.debug_str) }
	.debug_loclists 0 : { *(.debug_loclists) }
	.debug_rnglists 0 : { *(.debug_rnglists) }
	.debug_frame 0 : { *(.debug_frame) }
	.symtab 0 : { *(.symtab) }
	.strtab 0 : { *(.strtab) }
	.shstrtab 0 : { *(.shstrtab) }
	/DISCARD/ : { *(.init_array .fini_array) }
	/DISCARD/ : { *(.note.* .eh_frame .interp .dynamic .dynsym .dynstr .hash .gnu.hash) }
}
