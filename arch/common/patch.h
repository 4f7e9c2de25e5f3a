/* SPDX-License-Identifier: MIT */
/*
 * What the patchers of all ports have in common: the loop over all sites of a patch, and a
 * workaround. What is written at a site, and in which order, is in each port's patch.c.
 */
#pragma once
#include "arch/common/text.h"
#include "kernel/compiler.h"
#include "kernel/smp.h"
#include "trace/arch.h"

#define SITES_PER_WINDOW 64u

/*
 * Call @write for each of the @nr @changes, with a window open to write through. It returns 0, or
 * an error if it could not write; then no further change is written. @undo is handed on to it: the
 * old form is to be written, not the new one. Returns the change that failed, or NULL.
 *
 * Inline, so that no call is made for each site of thousands.
 */
static __always_inline const struct ftrace_change *
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

/*
 * A workaround for QEMU (7.2, with a thread for each CPU), which no real machine needs: a write to
 * code that another CPU is just translating can be missed. The translation of the old code then
 * outlives even the interrupt that synchronises the CPUs. When all of them have taken that
 * interrupt, the same write once more removes the translation. So the patchers write every
 * instruction that can be executed meanwhile a second time where this returns true.
 */
static inline bool qemu_misses_writes(void)
{
	return nr_cpus_online > 1;
}
