/* SPDX-License-Identifier: MIT */
/* Events of the tests' own: one with a field of each kind, and a small one that is hit often. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ktest

#if !defined(KT_EVENTS_H) || defined(TRACE_HEADER_MULTI_READ)
#define KT_EVENTS_H
#include "kernel/tracepoint.h"

TRACE_EVENT(kt_kinds,
	TP_PROTO(int number, u64 big, const char *text, unsigned long flags),
	TP_ARGS(number, big, text, flags),
	TP_STRUCT__entry(
		__field(short, small)
		__field(u64, big)
		__field(bool, odd)
		__array(u16, squares, 3)
		__string(text, text)
		__dynamic_array(u32, counts, number)
		__field(unsigned long, flags)
	),
	TP_fast_assign(
		u32 *counts = __get_dynamic_array(counts);

		__entry->small = (short)-number;
		__entry->big = big;
		__entry->odd = number & 1;
		for (int i = 0; i < 3; i++)
			__entry->squares[i] = (u16)(i * i);
		for (int i = 0; i < number; i++)
			counts[i] = (u32)i + 5;
		__assign_str(text);
		__entry->flags = flags;
	),
	TP_printk("small=%d big=%llx odd=%s text=%s squares=%s counts=%s/%d hex=%s flags=%s "
		  "kind=%s",
		  __entry->small, (unsigned long long)__entry->big,
		  __print_symbolic(__entry->odd, { 0, "even" }, { 1, "odd" }), __get_str(text),
		  __print_array(__entry->squares, 3, 2),
		  __print_array(__get_dynamic_array(counts), __get_dynamic_array_len(counts) / 4,
				4),
		  __get_dynamic_array_len(counts),
		  __print_hex((unsigned char *)__entry->squares, 6),
		  __print_flags(__entry->flags, "|", { 1, "ONE" }, { 2, "TWO" }, { 4, "FOUR" }),
		  __print_symbolic(__entry->flags, { 5, "FIVE" }))
);

TRACE_EVENT(kt_count,
	TP_PROTO(unsigned int turn),
	TP_ARGS(turn),
	TP_STRUCT__entry(
		__field(unsigned int, turn)
	),
	TP_fast_assign(
		__entry->turn = turn;
	),
	TP_printk("turn=%u", __entry->turn)
);

#endif
