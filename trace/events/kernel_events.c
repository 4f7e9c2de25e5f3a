/* SPDX-License-Identifier: MIT */
/* The events of the kernel, made of the headers in kernel/events. Untraced: they run anywhere. */
#include "kernel/events/sched.h"
#define CREATE_TRACE_POINTS
#include "trace/events/define_trace.h"

#include "kernel/events/irq.h"
#define CREATE_TRACE_POINTS
#include "trace/events/define_trace.h"

#include "kernel/events/ipi.h"
#define CREATE_TRACE_POINTS
#include "trace/events/define_trace.h"

#include "kernel/events/timer.h"
#define CREATE_TRACE_POINTS
#include "trace/events/define_trace.h"

#include "kernel/events/kmem.h"
#define CREATE_TRACE_POINTS
#include "trace/events/define_trace.h"

#include "kernel/events/module.h"
#define CREATE_TRACE_POINTS
#include "trace/events/define_trace.h"

#include "kernel/events/preemptirq.h"
#define CREATE_TRACE_POINTS
#include "trace/events/define_trace.h"
