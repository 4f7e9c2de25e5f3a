/* SPDX-License-Identifier: MIT */
/* Where a restartable sequence starts again: both ports write that down in the same table. */
#include "arch/common/sequence.h"

/* What sequence_is in the ports' ftrace_sequence.h writes: from @start up to @end. */
struct sequence {
	unsigned long start, end, restart;
};
extern const struct sequence __start_ftrace_sequences[], __stop_ftrace_sequences[];

void restart_in_trampoline(unsigned long *pc)
{
	const struct sequence *s = __start_ftrace_sequences;

	for (; s < __stop_ftrace_sequences; s++) {
		if (*pc - s->start < s->end - s->start)
			*pc = s->restart;
	}
}
