/* SPDX-License-Identifier: MIT */
/* Events of interrupts between CPUs. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ipi

#if !defined(EVENTS_IPI_H) || defined(TRACE_HEADER_MULTI_READ)
#define EVENTS_IPI_H
#include "kernel/tracepoint.h"

/* @callback is what the other CPU is to call; NULL if it is only to look around. */
TRACE_EVENT(ipi_send_cpu,
	TP_PROTO(unsigned int cpu, unsigned long callsite, void *callback),
	TP_ARGS(cpu, callsite, callback),
	TP_STRUCT__entry(
		__field(unsigned int, cpu)
		__field(void *, callsite)
		__field(void *, callback)
	),
	TP_fast_assign(
		__entry->cpu = cpu;
		__entry->callsite = (void *)callsite;
		__entry->callback = callback;
	),
	TP_printk("cpu=%u callsite=%pS callback=%pS",
		  __entry->cpu, __entry->callsite, __entry->callback)
);

DECLARE_EVENT_CLASS(ipi_handler,
	TP_PROTO(const char *reason),
	TP_ARGS(reason),
	TP_STRUCT__entry(
		__field(const char *, reason)
	),
	TP_fast_assign(
		__entry->reason = reason;
	),
	TP_printk("(%s)", __entry->reason)
);

DEFINE_EVENT(ipi_handler, ipi_entry, TP_PROTO(const char *reason), TP_ARGS(reason));
DEFINE_EVENT(ipi_handler, ipi_exit, TP_PROTO(const char *reason), TP_ARGS(reason));

#endif
