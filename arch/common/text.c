/* SPDX-License-Identifier: MIT */
/*
 * arch_text_write() for all ports: text is copied through a window, page by page. It is for code
 * that no CPU executes; code that may be running is changed by patch.c. Untraced.
 */
#include "arch/common/text.h"
#include "kernel/arch.h"
#include "kernel/compiler.h"
#include "kernel/lib/errno.h"
#include "kernel/mm/mm.h"

int arch_text_write(void *dst, const void *src, size_t len)
{
	unsigned long at = (unsigned long)dst;
	struct text_window window;
	int err = 0;

	text_window_open(&window);
	while (len && !err) {
		/* The next page may lie anywhere in memory: the alias ends with this one. */
		size_t part = min(len, PAGE_SIZE - at % PAGE_SIZE);
		void *alias = text_window_at(&window, at);

		if (alias)
			text_copy(alias, at, src, part);
		err = alias ? 0 : -EFAULT;
		at += part;
		src = (const char *)src + part;
		len -= part;
	}
	text_window_close(&window);
	return err;
}
