/* SPDX-License-Identifier: MIT */
/*
 * What lies above the ring buffer: the trace instance with its buffer, tracers and options, and
 * the calls that record text and stacks. What events look like is in trace/output/trace_entries.h,
 * and how they become text in trace/output/trace_output.h.
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
 * A trace instance: what belongs to one buffer. There is one, global_trace. Everything takes the
 * instance as an argument, so that there can be more.
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
	unsigned int buffer_percent;		/* as on Linux; nothing here uses it */
	unsigned int resets;			/* how often the buffer was cleared */
	u64 time_start;				/* clock when the buffer was last cleared */
	struct inode *dir;
};
extern struct trace_array global_trace;

/* Serialises tracers, options, sizes and clocks. Taken before ftrace's own mutex. */
extern struct mutex trace_types_lock;

/* An option of one tracer. The list in trace_options shows it while that tracer is current. */
struct tracer_opt {
	const char *name;
	u32 bit;				/* in func_flags */
};

struct tracer {
	const char *name;
	/*
	 * It becomes the current tracer: start. An error leaves the one before. NULL: nothing to
	 * do.
	 */
	int (*init)(struct trace_array *tr);
	/* It is the current tracer no more: stop. */
	void (*reset)(struct trace_array *tr);
	/* An option is about to change. 0: it may be stored; or -errno. NULL: always stored. */
	int (*set_flag)(struct trace_array *tr, u32 bit, bool set);
	const struct tracer_opt *opts;		/* ends with a NULL name; NULL: none */
	struct tracer *next;
};
/*
 * 0, -EINVAL (it has no name), -EEXIST (its name is taken). @tracer must stay for good. May sleep.
 */
int register_tracer(struct tracer *tracer);
struct tracer *trace_tracers(void);		/* the list, in the order of available_tracers */
/*
 * Make the tracer @name the current one, and clear the buffer if that is a change. 0, or, with the
 * one before still at work: -EINVAL (unknown), -EBUSY (a trace_pipe is open), or the error of its
 * init. May sleep.
 */
int tracing_set_tracer(struct trace_array *tr, const char *name);
/* Switch to nop, but keep what was recorded. 0, or -EBUSY: a trace_pipe is open. May sleep. */
int tracing_release_tracer(struct trace_array *tr);
/*
 * The function tracer (trace_functions.c): at boot, and to be told, in any context, of tracing_on.
 */
int init_function_trace(struct trace_array *tr);
void function_trace_sync(struct trace_array *tr);

/*
 * Set options (trace_options.c): by name (@text: a name, or "no" and a name; -EINVAL if there is
 * none), by TRACE_ITER_* bit, or by bit of a tracer's own (the error of its set_flag). May sleep.
 */
int trace_set_option(struct trace_array *tr, const char *text);
int trace_set_flag(struct trace_array *tr, u32 flag, bool set);
int trace_set_tracer_flag(struct trace_array *tr, const struct tracer *tracer, u32 bit, bool set);
extern const char *const trace_option_names[NR_TRACE_OPTIONS];

/*
 * The buffer. Each call may sleep and takes trace_types_lock. 0; or, with nothing changed: -EINVAL
 * (a size of 0, no such CPU or clock), -ENOMEM, or -EBUSY (the size stays while somebody has
 * `trace` open to read). tracing_update_buffers() gives it its full size, if it has not got it yet;
 * @size is in bytes for each CPU.
 */
int tracing_update_buffers(struct trace_array *tr);
int tracing_resize(struct trace_array *tr, unsigned long size, int cpu);
int tracing_set_clock(struct trace_array *tr, const char *name);
void tracing_reset(struct trace_array *tr);
void tracing_reset_cpu(struct trace_array *tr, int cpu);
/*
 * The switch tracing_on; any context. What is attached stays attached. The short names switch
 * global_trace.
 */
void tracer_tracing_on(struct trace_array *tr);
void tracer_tracing_off(struct trace_array *tr);
bool tracer_tracing_is_on(const struct trace_array *tr);
void tracing_on(void);
void tracing_off(void);
bool tracing_is_on(void);

/*
 * Print into the trace, as from the function that @ip is in; any context. Returns the bytes of
 * text, 0 when recording is off or the event was dropped.
 */
#define trace_printk(fmt, args...) __trace_printk(_RET_IP_HERE_(), fmt, ##args)
#define _RET_IP_HERE_() ({ __label__ _here; _here: (unsigned long)&&_here; })
int __trace_printk(unsigned long ip, const char *fmt, ...) __printf(2, 3);
int __trace_vprintk(unsigned long ip, const char *fmt, va_list args);
/*
 * What is written to trace_marker (text; a newline is added if there is none, and longer text than
 * TRACE_MARKER_MAX becomes several events) and to trace_marker_raw (@len bytes, the first four of
 * them an id). Bytes taken; -EINVAL (option markers is off, or the length is wrong), -EBADF (not
 * recorded).
 */
ssize_t trace_write_marker(struct trace_array *tr, unsigned long ip, const char *text, size_t len);
ssize_t trace_write_raw(struct trace_array *tr, const void *data, size_t len);
#define TRACE_MARKER_MAX 3072	/* bytes of text in one event */
/*
 * Record the stack as an event, beginning with the frame whose address is @from (a site or a return
 * address), or with the innermost if there is no such frame. Any context.
 */
void trace_record_stack(struct trace_array *tr, unsigned long from);

/*
 * Names of threads (trace_cmdline.c). For threads; trace_find_cmdline() for reports of a panic too.
 */
#define TRACE_COMM_LEN 16
void trace_find_cmdline(int pid, char comm[TRACE_COMM_LEN]);
int saved_cmdlines_resize(unsigned int nr);	/* 0, -EINVAL, -ENOMEM */
unsigned int saved_cmdlines_size(void);
void saved_cmdlines_show(struct seq_file *m);

/*
 * A request was refused: for error_log (the last eight are kept) and a line in the kernel log. @loc
 * is the file, @cmd what was written to it (@len bytes of any kind), of which the @refused bytes
 * from @pos on are at fault; @text says why, and must stay. Not from an NMI.
 */
void tracing_log_err(const char *loc, const char *cmd, size_t len, size_t pos, size_t refused,
		     const char *text);
void tracing_clear_errors(void);
void tracing_show_errors(struct seq_file *m);
