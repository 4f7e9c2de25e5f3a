/* SPDX-License-Identifier: MIT */
/*
 * Writing text: a window is a temporary writable alias of one page at a time, this CPU's own, open
 * with interrupts off. Many writes in one window cost one mapping a page. It should be open for a
 * short time only: the caller closes it every so many writes. Each port's text.c has the rest.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

struct text_window {
	unsigned long page;		/* the page that it shows, or: */
	unsigned long alias;		/* where it is */
	unsigned long irq_flags;
};
#define TEXT_WINDOW_EMPTY 1ul		/* no page begins there */

void text_window_open(struct text_window *window);
void text_window_close(struct text_window *window);
/* Show @page, and no other any more. -EFAULT: that is not text. */
int text_window_move(struct text_window *window, unsigned long page);

/* Where to write what is to be at @dst, up to the end of its page; NULL when that is not text. */
static inline void *text_window_at(struct text_window *window, unsigned long dst)
{
	unsigned long page = dst & PAGE_MASK;

	if (unlikely(page != window->page) && text_window_move(window, page))
		return NULL;
	return (void *)(window->alias + (dst - page));
}

/*
 * Copy @len bytes to @alias, where text_window_at() says that text at @dst is to be written, and
 * make instruction fetches see them.
 */
void text_copy(void *alias, unsigned long dst, const void *src, size_t len);
