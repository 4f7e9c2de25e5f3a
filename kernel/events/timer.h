/* SPDX-License-Identifier: MIT */
/*
 * Events of timers. The only timers are those of sleeping threads: the thread is the timer, and
 * wake_up_process() its function. Times are in jiffies.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM timer

#if !defined(EVENTS_TIMER_H) || defined(TRACE_HEADER_MULTI_READ)
#define EVENTS_TIMER_H
#include "kernel/tracepoint.h"

TRACE_EVENT(timer_start,
	TP_PROTO(void *timer, void *function, unsigned long expires, unsigned long now),
	TP_ARGS(timer, function, expires, now),
	TP_STRUCT__entry(
		__field(void *, timer)
		__field(void *, function)
		__field(unsigned long, expires)
		__field(unsigned long, now)
	),
	TP_fast_assign(
		__entry->timer = timer;
		__entry->function = function;
		__entry->expires = expires;
		__entry->now = now;
	),
	TP_printk("timer=%p function=%ps expires=%lu [timeout=%ld]",
		  __entry->timer, __entry->function, __entry->expires,
		  (long)__entry->expires - __entry->now)
);

TRACE_EVENT(timer_expire_entry,
	TP_PROTO(void *timer, void *function, unsigned long now),
	TP_ARGS(timer, function, now),
	TP_STRUCT__entry(
		__field(void *, timer)
		__field(unsigned long, now)
		__field(void *, function)
	),
	TP_fast_assign(
		__entry->timer = timer;
		__entry->now = now;
		__entry->function = function;
	),
	TP_printk("timer=%p function=%ps now=%lu",
		  __entry->timer, __entry->function, __entry->now)
);

DECLARE_EVENT_CLASS(timer_class,
	TP_PROTO(void *timer),
	TP_ARGS(timer),
	TP_STRUCT__entry(
		__field(void *, timer)
	),
	TP_fast_assign(
		__entry->timer = timer;
	),
	TP_printk("timer=%p", __entry->timer)
);

DEFINE_EVENT(timer_class, timer_expire_exit, TP_PROTO(void *timer), TP_ARGS(timer));
DEFINE_EVENT(timer_class, timer_cancel, TP_PROTO(void *timer), TP_ARGS(timer));

#endif
