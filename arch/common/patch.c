/* SPDX-License-Identifier: MIT */
/*
 * The loop over all sites of a patch, which every port needs: many sites share a window, because
 * opening one and mapping a page costs more than a write. What is written at a site, and in which
 * order, is each port's own affair (patch.c there). Untraced.
 */
#include "arch/common/patch.h"
#include "kernel/compiler.h"

#define SITES_PER_WINDOW 64u

const struct ftrace_change *
patch_write_all(const struct ftrace_change *changes, unsigned int nr,
		int (*write)(struct text_window *window, const struct ftrace_change *change,
			     bool undo),
		bool undo)
{
	const struct ftrace_change *failed = NULL;
	struct text_window window;
	unsigned int i = 0;

	while (i < nr && !failed) {
		unsigned int stop = min(i + SITES_PER_WINDOW, nr);

		/* An open window keeps interrupts off: they get their turn every so many sites. */
		text_window_open(&window);
		for (; i < stop && !failed; i++) {
			if (write(&window, &changes[i], undo))
				failed = &changes[i];
		}
		text_window_close(&window);
	}
	return failed;
}
