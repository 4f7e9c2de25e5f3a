/* SPDX-License-Identifier: MIT */
/*
 * The tracing core above the ring buffer: the one global buffer, entry formats
 * (Linux's, FTRACE.md H.2), tracers, options, and text output.
 */
#pragma once
#include <stdarg.h>
#include "kernel/compiler.h"
#include "kernel/list.h"
#include "kernel/types.h"
#include "trace/ring_buffer.h"

struct seq_file;
struct ftrace_ops;

enum trace_type {
	TRACE_FN = 1,
	TRACE_CTX = 2,
	TRACE_WAKE = 3,
	TRACE_STACK = 4,
	TRACE_PRINT = 5,
	TRACE_BPRINT = 6,
	TRACE_GRAPH_RET = 10,
	TRACE_GRAPH_ENT = 11,
	TRACE_BPUTS = 14,
	TRACE_RAW_DATA = 18,
	TRACE_FUNC_REPEATS = 19,
};

struct trace_entry {
	u16 type;
	u8 flags;		/* TRACE_FLAG_* */
	u8 preempt_count;
	s32 pid;
};

#define TRACE_FLAG_IRQS_OFF 0x01
#define TRACE_FLAG_NEED_RESCHED 0x04
#define TRACE_FLAG_HARDIRQ 0x08
#define TRACE_FLAG_SOFTIRQ 0x10
#define TRACE_FLAG_PREEMPT_RESCHED 0x20
#define TRACE_FLAG_NMI 0x40

struct ftrace_entry {
	struct trace_entry ent;
	unsigned long ip, parent_ip;
};

struct print_entry {
	struct trace_entry ent;
	unsigned long ip;
	char buf[];		/* terminated */
};

/*
 * The trace instance. One global_trace now; instances come as more of these,
 * so nothing outside it is global state of tracing.
 */
struct trace_array {
	struct trace_buffer *buffer;
	struct tracer *current_trace;
	struct ftrace_ops *ops;			/* the function tracer's: set_ftrace_filter edits it */
	u32 trace_flags;			/* TRACE_ITER_* */
	unsigned int clock_id;
	bool buffer_expanded;
	unsigned int pipe_readers;
	struct inode *dir;
};
extern struct trace_array global_trace;

struct tracer {
	const char *name;
	int (*init)(struct trace_array *tr);	/* 0 or -errno: tracer not switched */
	void (*reset)(struct trace_array *tr);
	struct tracer *next;
};
int register_tracer(struct tracer *tracer);
/* "nop", "function". -EINVAL unknown, -EBUSY while a trace_pipe is open. */
int tracing_set_tracer(struct trace_array *tr, const char *name);

/* Print into the trace as from function @ip; any context. Bytes written, 0 when off or dropped. */
#define trace_printk(fmt, args...) __trace_printk(_RET_IP_HERE_(), fmt, ##args)
#define _RET_IP_HERE_() ({ __label__ _here; _here: (unsigned long)&&_here; })
int __trace_printk(unsigned long ip, const char *fmt, ...) __printf(2, 3);
int __trace_vprintk(unsigned long ip, const char *fmt, va_list args);

void tracing_on(void);
void tracing_off(void);
bool tracing_is_on(void);
void tracing_reset(struct trace_array *tr);

/* The default clock: ns since boot, per CPU, untraced. */
u64 trace_clock_local(void);
