/* SPDX-License-Identifier: MIT */
/*
 * Borders that kernel.lds.S draws through the image, besides those of kernel/arch.h. Each pair
 * that differs in rights is page aligned.
 */
#pragma once
#include "kernel/arch.h"

extern char __start_ro_after_init[], __end_ro_after_init[];
extern char __start_data[], __end_data[], __bss_start[], __bss_stop[];
extern char __idmap_text_start[], __idmap_text_end[];
extern char __entry_text_start[], __entry_text_end[];
extern char boot_stack_guard[], boot_stack[], boot_stack_top[];
