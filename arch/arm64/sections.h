/* SPDX-License-Identifier: MIT */
/*
 * The borders that kernel.lds.S draws through the image, as C sees them. Each
 * pair that differs in rights is page aligned.
 */
#pragma once

extern char _text[], _etext[];
extern char __init_begin[], __init_end[], _sinittext[], _einittext[];
extern char __start_rodata[], __end_rodata[];
extern char __start_ro_after_init[], __end_ro_after_init[];
extern char __start_data[], __end_data[], __bss_start[], __bss_stop[], _end[];
extern char __idmap_text_start[], __idmap_text_end[];
extern char __entry_text_start[], __entry_text_end[];
extern char boot_stack_guard[], boot_stack[], boot_stack_top[];
