/* SPDX-License-Identifier: MIT */
/*
 * The tracing core above the ring buffer: the one global buffer, tracers,
 * options, and what records into the buffer. What events look like is in
 * trace/output/trace_entries.h, how they become text in trace/output/trace_output.h.
 */
#pragma once
#include <stdarg.h>
#include "kernel/compiler.h"
#include "kernel/lib/list.h"
#include "kernel/types.h"
#include "trace/output/trace_entries.h"
#include "trace/ring_buffer/ring_buffer.h"
#include "trace/ring_buffer/trace_clock.h"

struct seq_file;
struct ftrace_ops;
struct inode;
struct mutex;
struct tracer;
struct ftrace_regs;

/*
 * The trace instance. One global_trace now; instances come as more of these,
 * so nothing outside it is global state of tracing.
 */
struct trace_array {
	struct trace_buffer *buffer;
	struct tracer *current_trace;
	struct ftrace_ops *ops;			/* the function tracer's, with its filters */
	void (*function)(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			 struct ftrace_regs *fregs);	/* its callback while recording is on */
	u32 trace_flags;			/* TRACE_ITER_* */
	u32 func_flags;				/* TRACE_FUNC_OPT_*: the function tracer's own */
	unsigned int clock_id;			/* index into trace_clocks[] */
	bool buffer_expanded;
	unsigned long expanded_size;		/* bytes per CPU at first use */
	unsigned int pipe_readers;
	unsigned int buffer_percent;		/* for poll and splice, which this kernel has not */
	unsigned int resets;			/* how often the buffer was cleared, or got its clock */
	u64 time_start;				/* clock when the buffer was last cleared */
	struct inode *dir;
};
extern struct trace_array global_trace;

/* Serialises tracers, options, sizes and clocks. Taken before ftrace's own mutex. */
extern struct mutex trace_types_lock;

/* An option that only one tracer has; it is in trace_options while that tracer is current. */
struct tracer_opt {
	const char *name;
	u32 bit;				/* in func_flags */
};

struct tracer {
	const char *name;
	int (*init)(struct trace_array *tr);	/* 0 or -errno: tracer not switched */
	void (*reset)(struct trace_array *tr);
	/* An option is about to change: 0 and it is stored, or -errno. NULL: just stored. */
	int (*set_flag)(struct trace_array *tr, u32 bit, bool set);
	const struct tracer_opt *opts;		/* ends with a NULL name; NULL: none */
	struct tracer *next;
};
int register_tracer(struct tracer *tracer);
struct tracer *trace_tracers(void);		/* the list, in the order of available_tracers */
/* "nop", "function". Clears the buffer. -EINVAL unknown, -EBUSY while a trace_pipe is open. */
int tracing_set_tracer(struct trace_array *tr, const char *name);
/* Switch to nop but keep what was recorded. */
int tracing_release_tracer(struct trace_array *tr);
/* trace_functions.c: at boot; and after recording was switched on or off, in any context. */
int init_function_trace(struct trace_array *tr);
void function_trace_sync(struct trace_array *tr);

/*
 * Options (trace_options.c). @text: a name, or "no" and a name. -EINVAL: there is no such option.
 */
int trace_set_option(struct trace_array *tr, const char *text);
int trace_set_flag(struct trace_array *tr, u32 flag, bool set);
int trace_set_tracer_flag(struct trace_array *tr, const struct tracer *tracer, u32 bit, bool set);
extern const char *const trace_option_names[NR_TRACE_OPTIONS];

/*
 * The buffer. Each may sleep and takes trace_types_lock. 0; or, with nothing changed, -EINVAL,
 * -ENOMEM, or -EBUSY: its size stays while somebody has `trace` open to read.
 */
int tracing_update_buffers(struct trace_array *tr);	/* full size from now on */
int tracing_resize(struct trace_array *tr, unsigned long size, int cpu);
int tracing_set_clock(struct trace_array *tr, const char *name);
void tracing_reset(struct trace_array *tr);
void tracing_reset_cpu(struct trace_array *tr, int cpu);
/* The switch tracing_on; any context. Hooks stay. The short names are for global_trace. */
void tracer_tracing_on(struct trace_array *tr);
void tracer_tracing_off(struct trace_array *tr);
bool tracer_tracing_is_on(const struct trace_array *tr);
void tracing_on(void);
void tracing_off(void);
bool tracing_is_on(void);

/* Print into the trace as from function @ip; any context. Bytes written, 0 when off or dropped. */
#define trace_printk(fmt, args...) __trace_printk(_RET_IP_HERE_(), fmt, ##args)
#define _RET_IP_HERE_() ({ __label__ _here; _here: (unsigned long)&&_here; })
int __trace_printk(unsigned long ip, const char *fmt, ...) __printf(2, 3);
int __trace_vprintk(unsigned long ip, const char *fmt, va_list args);
/* @len bytes of text as one event, a newline added if there is none. Bytes of text or -errno. */
ssize_t trace_write_marker(struct trace_array *tr, unsigned long ip, const char *text, size_t len);
ssize_t trace_write_raw(struct trace_array *tr, const void *data, size_t len);
#define TRACE_MARKER_MAX 3072	/* bytes of text in one event; longer ones become several */
/* The stack as its own event, from the frame on that is at @from: a site or a return address. */
void trace_record_stack(struct trace_array *tr, unsigned long from);

/* Thread names (trace_cmdline.c). */
#define TRACE_COMM_LEN 16
void trace_find_cmdline(int pid, char comm[TRACE_COMM_LEN]);
int saved_cmdlines_resize(unsigned int nr);	/* 0, -EINVAL, -ENOMEM */
unsigned int saved_cmdlines_size(void);
void saved_cmdlines_show(struct seq_file *m);

/*
 * What the user asked for and did not get: @cmd as it was written (any bytes; @len), @refused bytes
 * of it from @pos on are the offending ones. error_log.c keeps the last eight.
 */
void tracing_log_err(const char *loc, const char *cmd, size_t len, size_t pos, size_t refused,
		     const char *text);
void tracing_clear_errors(void);
void tracing_show_errors(struct seq_file *m);
