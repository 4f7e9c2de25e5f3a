/* SPDX-License-Identifier: MIT */
/*
 * The layer above the ring buffer: the trace instance with its buffer, tracers and options, and the
 * functions that record text and stacks. trace/output/trace_entries.h defines the events, and
 * trace/output/trace_output.h turns them into text.
 */
#pragma once
#include <stdarg.h>
#include "kernel/compiler.h"
#include "kernel/lib/list.h"
#include "kernel/sched/percpu.h"
#include "kernel/trace_hooks.h"
#include "kernel/types.h"
#include "trace/output/trace_entries.h"
#include "trace/output/trace_output.h"
#include "trace/output/trace_pid.h"
#include "trace/ring_buffer/ring_buffer.h"
#include "trace/ring_buffer/trace_clock.h"

struct seq_file;
struct ftrace_ops;
struct func_probe;
struct inode;
struct mutex;
struct task_struct;
struct tracer;
struct ftrace_regs;
struct system_dir;
struct system_filter;

/* The last call that func-no-repeats has seen on a CPU: trace_functions.c. */
struct trace_last_call {
	unsigned long ip, parent_ip;
	s32 pid;
	u16 repeats;
	unsigned int resets;	/* tr->resets when the call was recorded */
	u64 ts;			/* time of the latest repeat */
} __aligned(64);

/* Of the requests that were refused: trace/tracefs/error_log.c. */
#define TRACE_ERRORS_MAX 8
#define TRACE_ERR_LOC_LEN 64
#define TRACE_ERR_CMD_LEN 160		/* bytes of a command, around the place of the error */

struct trace_error {
	u64 ns;
	char loc[TRACE_ERR_LOC_LEN];
	const char *text;
	char cmd[TRACE_ERR_CMD_LEN + 1];
	unsigned int pos;		/* the place of the error in cmd */
};

struct trace_error_log {
	struct trace_error errors[TRACE_ERRORS_MAX];
	unsigned int nr, oldest;
};

/*
 * A trace instance: a buffer and everything that belongs to it. global_trace is the one that is
 * always there.
 */
struct trace_array {
	struct trace_buffer *buffer;
	char *name;				/* NULL: global_trace */
	char *systems;				/* it has these events alone, "a,b"; NULL: all */
	unsigned int ref;			/* users by trace_array_get_by_name() */
	struct trace_buffer *snapshot;		/* trace_snapshot.c; NULL: not allocated */
	unsigned int snapshot_readers;
	unsigned int snapshot_users;		/* triggers that take one */
	unsigned int snapshot_wanted;		/* a bit for each CPU whose part is still to come */
	u64 snapshot_start;			/* its time_start */
	struct trace_max max;			/* trace_latency.c: the longest time, */
	u64 max_latency;			/* and what the next one must be above, ns */
	struct tracer *current_trace;
	struct ftrace_ops *ops;			/* the function tracer's, with its filters */
	struct trace_pids function_pids;	/* guarded by trace_types_lock, */
	struct trace_pids event_pids;		/* and by event_mutex */
	struct func_probe *func_probes;		/* trace/events/func_command.c */
	void (*function)(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			 struct ftrace_regs *fregs);	/* its callback while recording is on */
	u32 trace_flags;			/* TRACE_ITER_* */
	u32 func_flags;				/* the tracers' own options: TRACE_FUNC_OPT_* ... */
	unsigned int clock_id;			/* index into trace_clocks[] */
	bool buffer_expanded;			/* the buffer has its full size */
	unsigned long expanded_size;		/* that size, in bytes per CPU */
	unsigned int pipe_readers;		/* open trace_pipe and trace_pipe_raw files */
	unsigned int buffer_percent;		/* kept for scripts; it has no effect */
	unsigned int resets;			/* how often the whole buffer was cleared */
	u64 time_start;				/* time when the buffer was last cleared */
	struct inode *dir;
	struct list_head list;			/* of all instances, global_trace first */
	struct task_struct *snapshot_taker;	/* while there are snapshot_users */
	struct system_filter *system_filters;	/* trace/events/filter_set.c; event_mutex */
	struct inode *events_dir;		/* trace/tracefs/events.c; event_mutex */
	struct system_dir *system_dirs;
	struct trace_error_log errors;
	struct trace_last_call last_calls[NR_CPUS];
};
extern struct trace_array global_trace;

/*
 * trace_instance.c: an instance without events and files that is in no list, with a buffer of the
 * usual size and the options of global_trace; NULL: no memory. free: its tracer is nop, and nobody
 * records into it or knows of it. May sleep.
 */
struct trace_array *trace_instance_alloc(const char *name, const char *systems);
void trace_instance_free(struct trace_array *tr);

/*
 * For clients (trace/tracefs/instances.c): the instance @name, which is made if it is not there
 * yet, with the events of @systems ("a,b"; NULL: all) alone. It is not removed before
 * trace_array_put(); destroy removes it: 0, -ENODEV if it is none, or as rmdir does: -EBUSY while
 * it has other users or a file of it is open, or the error for which its tracer or an event could
 * not be stopped. get: NULL if memory is out or there can be no such name. set_clr_event: switch
 * events on or off by names or patterns, NULL for all: 0, -ENOENT without @tr, -EINVAL if there is
 * none, or the first error. May sleep.
 */
struct trace_array *trace_array_get_by_name(const char *name, const char *systems);
void trace_array_put(struct trace_array *tr);
int trace_array_destroy(struct trace_array *tr);
int trace_array_set_clr_event(struct trace_array *tr, const char *system, const char *event,
			      bool enable);
/*
 * Print text into an instance, which is not global_trace; there is nothing to be made ready for it.
 * Returns the text's length; 0 if it is not recorded, or -ENOENT without @tr. init: 0, -ENOENT, or
 * -EINVAL for global_trace. Any context.
 */
int trace_array_init_printk(struct trace_array *tr);
int trace_array_printk(struct trace_array *tr, unsigned long ip, const char *fmt, ...)
	__printf(3, 4);

/*
 * All instances. Whoever walks them holds event_mutex or trace_types_lock; both are held when one
 * comes or goes, and so is the lock of trace/tracefs/instances.c.
 */
extern struct list_head ftrace_trace_arrays;
#define for_each_trace_array(tr) list_for_each_entry(tr, &ftrace_trace_arrays, list)

extern struct tracer nop_trace;			/* the one that records nothing */

/* Serialises changes of tracers, options, sizes and clocks. Taken before ftrace_lock. */
extern struct mutex trace_types_lock;

/* An option of one tracer. The file trace_options lists it only while that tracer is current. */
struct tracer_opt {
	const char *name;
	u32 bit;				/* in func_flags */
};

struct tracer {
	const char *name;
	bool allow_instances;	/* it can be the tracer of others than global_trace */
	bool use_max;		/* `trace` shows the snapshot, in which it keeps the longest time */
	/*
	 * Start, because this becomes the current tracer: 0, or -errno, and then the previous one
	 * stays. May be NULL.
	 */
	int (*init)(struct trace_array *tr);
	/*
	 * Stop, because this is no longer to be the current tracer: 0, or -errno, and then it goes
	 * on. May be NULL.
	 */
	int (*reset)(struct trace_array *tr);
	/* Called before an option changes: 0 to allow it, or -errno. May be NULL. */
	int (*set_flag)(struct trace_array *tr, u32 bit, bool set);
	/*
	 * Called before one of TRACE_ITER_* changes, while it is the current tracer: 0, or -errno,
	 * and then the option keeps its value. May be NULL.
	 */
	int (*flag_changed)(struct trace_array *tr, u32 flag, bool set);
	bool prints_graph;			/* its events are printed by trace_graph.c */
	u32 graph_flags;	/* so they are with display-graph, with these columns; or 0 */
	const struct tracer_opt *opts;		/* ends with a NULL name; NULL if there are none */
	struct tracer *next;
};
/*
 * Add a tracer, which can never be removed. Returns 0, -EINVAL if it has no name, or -EEXIST if its
 * name is taken. May sleep.
 */
int register_tracer(struct tracer *tracer);
struct tracer *trace_tracers(void);		/* the list, in the order of available_tracers */
static inline bool trace_ok_for_array(const struct tracer *tracer, const struct trace_array *tr)
{
	return tr == &global_trace || tracer->allow_instances;
}
/*
 * Make the tracer @name the current one, and clear the buffer if it was not. Returns 0, or an error
 * with the previous tracer still running: -EINVAL if there is no such tracer for @tr, -EBUSY if a
 * trace_pipe is open, or the error of reset or init. May sleep.
 */
int tracing_set_tracer(struct trace_array *tr, const char *name);
/*
 * Switch to nop, but keep the recorded events. 0; or, with the tracer still running, -EBUSY if a
 * trace_pipe is open, or the error of reset. May sleep.
 */
int tracing_release_tracer(struct trace_array *tr);
/* The tracer function_graph, trace_functions_graph.c. */
int init_graph_trace(void);				/* at boot */
/* The function tracer, trace_functions.c. */
int init_function_trace(struct trace_array *tr);	/* at boot */
int function_trace_add_instance(struct trace_array *tr);	/* tr->ops: 0 or -ENOMEM */
void function_trace_remove_instance(struct trace_array *tr);	/* its tracer is nop */
/* Record a call, with the state of the CPU that trace_gen_ctx() has told. Any context. */
void trace_function(struct trace_array *tr, unsigned long ip, unsigned long parent_ip, u32 ctx);
void function_trace_sync(struct trace_array *tr);	/* tracing_on has changed; any context */

/* A consistent copy of tr->max: trace_latency.c. Thread context. */
void trace_read_max(struct trace_array *tr, struct trace_max *copy);

/*
 * Set an option (trace_options.c): by name (@text is a name, or "no" and a name), by TRACE_ITER_*
 * bit, or by bit of a tracer's own option. 0, -EINVAL for an unknown name, or the error of the
 * tracer's set_flag. May sleep.
 */
int trace_set_option(struct trace_array *tr, const char *text);
int trace_set_flag(struct trace_array *tr, u32 flag, bool set);
int trace_set_tracer_flag(struct trace_array *tr, const struct tracer *tracer, u32 bit, bool set);
/* Of TRACE_ITER_*, by the current tracer itself; trace_types_lock is held. */
void trace_change_flag(struct trace_array *tr, u32 flag, bool set);
extern const char *const trace_option_names[NR_TRACE_OPTIONS];

/*
 * Changes of the buffer. All of them take trace_types_lock and may sleep. They return 0, or an
 * error with nothing changed: -EINVAL for a size of 0 or an unknown CPU or clock, -ENOMEM, or
 * -EBUSY because the size cannot change while `trace` is open for reading. tracing_update_buffers()
 * gives the buffer its full size, if it does not have it yet; @size is in bytes per CPU.
 */
int tracing_update_buffers(struct trace_array *tr);
int tracing_resize(struct trace_array *tr, unsigned long size, int cpu);
int tracing_set_clock(struct trace_array *tr, const char *name);
void tracing_reset(struct trace_array *tr);
void tracing_reset_cpu(struct trace_array *tr, int cpu);
void trace_reset_buffer(struct trace_array *tr);	/* the same for who holds the lock */
/*
 * The switch tracing_on, which changes nothing about what is attached. The functions without an
 * argument are for global_trace. Any context.
 */
void tracer_tracing_on(struct trace_array *tr);
void tracer_tracing_off(struct trace_array *tr);
bool tracer_tracing_is_on(const struct trace_array *tr);
void tracing_on(void);
void tracing_off(void);
bool tracing_is_on(void);

/*
 * Print text into the trace, with the address of this place. If the format is a constant, the event
 * has only its address and the arguments, and readers format the text (trace_bprint.h). So what an
 * argument points to is read at once, but a symbol is looked up later. Any context. Returns a
 * positive number; 0 if recording is off or the event was dropped.
 */
#define trace_printk(fmt, args...)							\
({											\
	/* Not asked again below: only here a parameter of an inline function is none. */	\
	static const bool _constant = __builtin_constant_p(fmt);			\
	static struct trace_printk_site _site __aligned(sizeof(long))			\
	__section(TRACE_PRINTK_SITES) = { __builtin_constant_p(fmt) ? (fmt) : NULL, 0 };	\
											\
	if (0)										\
		__trace_printk_check_format(fmt, ##args);				\
	_constant ? __trace_bprintk(_RET_IP_HERE_(), &_site, ##args) :			\
		    __trace_printk(_RET_IP_HERE_(), fmt, ##args);			\
})
#define _RET_IP_HERE_() ({ __label__ _here; _here: (unsigned long)&&_here; })
int __trace_printk(unsigned long ip, const char *fmt, ...) __printf(2, 3);
int __trace_bprintk(unsigned long ip, struct trace_printk_site *site, ...);
static inline __printf(1, 2) void __trace_printk_check_format(const char *fmt, ...)
{
}
/*
 * Record what is written to trace_marker: text, to which a newline is added if it has none, and
 * which becomes several events if it is longer than TRACE_MARKER_MAX; and to trace_marker_raw: @len
 * bytes, the first four of which are an id. Returns how many bytes were taken; -EINVAL if option
 * markers is off or the length is wrong; or -EBADF if nothing was recorded.
 */
ssize_t trace_write_marker(struct trace_array *tr, unsigned long ip, const char *text, size_t len);
ssize_t trace_write_raw(struct trace_array *tr, const void *data, size_t len);
#define TRACE_MARKER_MAX 3072	/* bytes of text in one event */
/*
 * Record the current stack as an event. It begins with the frame whose address is @from (a site or
 * a return address), or with the innermost frame if there is no such one. Any context.
 */
void trace_record_stack(struct trace_array *tr, unsigned long from);
/*
 * Returns how many of the @nr frames are above the one whose address is @from (a site or a return
 * address); 0 if there is no such one. Any context, untraced.
 */
unsigned int trace_frames_above(const unsigned long *pcs, unsigned int nr, unsigned long from);

/*
 * Names of threads (trace_cmdline.c). For thread context; trace_find_cmdline() also for the report
 * of a panic.
 */
#define TRACE_COMM_LEN 16
void trace_find_cmdline(int pid, char comm[TRACE_COMM_LEN]);
int saved_cmdlines_resize(unsigned int nr);	/* 0, -EINVAL, -ENOMEM */
unsigned int saved_cmdlines_size(void);
void saved_cmdlines_show(struct seq_file *m);

/*
 * Note a request that was refused in error_log, which keeps the last ones, and in the kernel log.
 * @loc names the file, in TRACE_ERR_LOC_LEN bytes; @cmd is what was written to it (@len untrusted
 * bytes), of which the @refused bytes from @pos on are wrong; 0: only the place is known. @text
 * says why; it must be a constant. Any context but NMI.
 */
void tracing_log_err(struct trace_array *tr, const char *loc, const char *cmd, size_t len,
		     size_t pos, size_t refused, const char *text);
void tracing_clear_errors(struct trace_array *tr);
void tracing_show_errors(struct seq_file *m, const struct trace_array *tr);
