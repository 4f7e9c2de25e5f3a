/* SPDX-License-Identifier: MIT */
/*
 * Writing text: a window is a temporary writable alias of one page at a time, this
 * CPU's own, open with interrupts off. Many writes in one window cost one mapping a page.
 * Keep it short: the caller closes it every so many writes. Defined by each port's text.c.
 */
#pragma once
#include "kernel/types.h"

struct text_window {
	unsigned long page;		/* whose alias is mapped; 0: none */
	unsigned long irq_flags;
};

void text_window_open(struct text_window *window);
/* Where to write what is to be at @dst, up to the end of its page; NULL when that is not text. */
void *text_window_at(struct text_window *window, unsigned long dst);
void text_window_close(struct text_window *window);
/*
 * Copy @len bytes to @alias, where text_window_at() says that text at @dst is to be written, and
 * make instruction fetches see them.
 */
void text_copy(void *alias, unsigned long dst, const void *src, size_t len);
