/* SPDX-License-Identifier: MIT */
/* Events of device interrupts. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM irq

#if !defined(EVENTS_IRQ_H) || defined(TRACE_HEADER_MULTI_READ)
#define EVENTS_IRQ_H
#include "kernel/tracepoint.h"

TRACE_EVENT(irq_handler_entry,
	TP_PROTO(int irq, const char *action_name),
	TP_ARGS(irq, action_name),
	TP_STRUCT__entry(
		__field(int, irq)
		__string(name, action_name)
	),
	TP_fast_assign(
		__entry->irq = irq;
		__assign_str(name);
	),
	TP_printk("irq=%d name=%s", __entry->irq, __get_str(name))
);

TRACE_EVENT(irq_handler_exit,
	TP_PROTO(int irq, int ret),
	TP_ARGS(irq, ret),
	TP_STRUCT__entry(
		__field(int, irq)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->irq = irq;
		__entry->ret = ret;
	),
	TP_printk("irq=%d ret=%s", __entry->irq, __entry->ret ? "handled" : "unhandled")
);

#endif
