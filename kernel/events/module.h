/* SPDX-License-Identifier: MIT */
/* Events of modules' lives. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM module

#if !defined(EVENTS_MODULE_H) || defined(TRACE_HEADER_MULTI_READ)
#define EVENTS_MODULE_H
#include "kernel/tracepoint.h"

/* Taints are Linux's: an out-of-tree module, one that came from a file, has bit 12. */
#define MODULE_TAINT_OOT 12
#define show_module_flags(flags) __print_flags(flags, "", { 1UL << 12, "O" })

TRACE_EVENT(module_load,
	TP_PROTO(const char *mod_name, unsigned int taints),
	TP_ARGS(mod_name, taints),
	TP_STRUCT__entry(
		__field(unsigned int, taints)
		__string(name, mod_name)
	),
	TP_fast_assign(
		__entry->taints = taints;
		__assign_str(name);
	),
	TP_printk("%s %s", __get_str(name), show_module_flags(__entry->taints))
);

TRACE_EVENT(module_free,
	TP_PROTO(const char *mod_name),
	TP_ARGS(mod_name),
	TP_STRUCT__entry(
		__string(name, mod_name)
	),
	TP_fast_assign(
		__assign_str(name);
	),
	TP_printk("%s", __get_str(name))
);

#endif
