/* SPDX-License-Identifier: MIT */
/*
 * The functions that the kernel calls in its tracer: its whole knowledge of it. trace/ defines
 * them; a kernel without a tracer would define them empty.
 */
#pragma once
#include "kernel/types.h"

struct pt_regs;
struct task_struct;

/*
 * Make a record of every call site and turn each site into its NOP form. Called at boot, on one
 * CPU, with interrupts off.
 */
void ftrace_init(void);
/*
 * Set up the trace buffers and tracers, and act on the tracer's boot parameters. Called at boot, in
 * thread context.
 */
void tracer_init(void);
/* Mount tracefs on /sys/kernel/tracing. Called at boot, once the VFS is up. */
void tracefs_init(void);
/*
 * At a panic or fatal fault: stop recording, and dump the buffers if ftrace_dump_on_oops asks for
 * it. Any context, untraced.
 */
void trace_on_oops(void);
/* A warning is about to be logged: stop recording if traceoff_on_warning is set. Any context. */
void trace_on_warning(void);
/* @task exits: keep its name, so that its events can still show it. Thread context, untraced. */
void trace_task_exit(const struct task_struct *task);
/*
 * @task was just created, and others can find it; it is about to be freed. Nobody traces either
 * call's thread meanwhile, because it does not run. Thread context.
 */
void ftrace_graph_init_task(struct task_struct *task);
void ftrace_graph_exit_task(struct task_struct *task);
/*
 * Returns the true address for @ret, a return address on the stack of @task, if the function graph
 * has hidden it; otherwise @ret. @retp is what the port's unwinder knows it by: its place on the
 * stack, or its caller's frame pointer (FTRACE_GRAPH_BY_FP). *@idx is 0 for the first address of a
 * walk; later addresses of the same walk are those of outer calls. Any context, untraced.
 */
unsigned long ftrace_graph_ret_addr(const struct task_struct *task, int *idx, unsigned long ret,
				    unsigned long *retp);
/*
 * Unregister every user of the function graph that a module has left registered: one that lies in
 * [start, end), or has a function there. Returns false if one could not be unregistered.
 */
bool ftrace_graph_module_stop(const char *name, unsigned long start, unsigned long end);
/* The same for probes of fprobe.c. Called before, because they are users of the function graph. */
bool fprobe_module_stop(const char *name, unsigned long start, unsigned long end);
/* Drop the records of the sites in [start, end), the init text that is about to be freed. */
void ftrace_free_mem(unsigned long start, unsigned long end);

/* A place that prints text into the trace; with those of a file, in a section of this name. */
struct trace_printk_site {
	const char *fmt;	/* NULL if it is no constant */
	u32 layout;		/* of its arguments; 0 until it is used */
};
#define TRACE_PRINTK_SITES ".data.trace_printk"
/*
 * Give a module's @nr @sites formats that stay when the module goes, because events have their
 * addresses. Returns 0 or -ENOMEM. May sleep.
 */
int trace_module_formats(struct trace_printk_site *sites, unsigned int nr);

/*
 * A jump site is a NOP in a function that the tracer makes a jump to another place in the function
 * as long as its key is on (arch_jump_site(), kernel/arch.h). JUMP_SITES is the section of the
 * table that has an entry for each site.
 */
struct jump_key {
	bool on;
};
struct jump_site {
	unsigned long ip, target;
	struct jump_key *key;
};
#define JUMP_SITES "jump_sites"
struct jump_table;
/*
 * Take on a module's @nr @sites, which stay where they are until ftrace_jumps_going(). Those of
 * keys that are on become jumps. Returns 0, with the table in *@table; -ENOMEM; or -EINVAL if one
 * of them is not a NOP in [start, end), has its target elsewhere, or a key that is neither in
 * [data, data_end) nor one that the kernel has; or the error of a change. May sleep.
 */
int ftrace_jumps_coming(const struct jump_site *sites, unsigned int nr, unsigned long start,
			unsigned long end, unsigned long data, unsigned long data_end,
			struct jump_table **table);
/* Forget the sites: nobody runs them any more. NULL does nothing. May sleep. */
void ftrace_jumps_going(struct jump_table *table);
/*
 * Take back every probe that a module has left on a tracepoint: one whose function or data lies in
 * [start, end). May sleep.
 */
void tracepoint_module_stop(const char *name, unsigned long start, unsigned long end);

/* A module's table of prototypes, and the section that it is in (trace/output/prototypes.h). */
#define TRACE_PROTOTYPES ".prototypes"
/* Is the table such that it can be read from without harm? Any context. */
bool trace_prototypes_valid(const void *table, size_t size);

struct ftrace_group;
/*
 * A module's text is in place, its functions have symbols, and none of them has run yet. Make
 * records of its @nr @sites (the compiler's table of them), and attach to them every registered ops
 * whose filters match. Returns 0, with the records in *@group (NULL for no sites); -ENOMEM; -EINVAL
 * if no site is what this kernel's compiler makes; or the error of an attachment. After an error,
 * nothing of the module is left in the tracer.
 */
int ftrace_module_coming(const char *name, unsigned long *sites, unsigned int nr,
			 struct ftrace_group **group);
/*
 * Unregister every ops that a module has left registered: one that lies in [start, end), or has a
 * callback or direct function there. Returns false if one could not be unregistered.
 */
bool ftrace_module_stop_ops(const char *name, unsigned long start, unsigned long end);
/*
 * A module's text [start, end), which nobody calls any more, is about to be freed. Wait until no
 * thread is inside it, then drop the records in @group. Returns false, with the records kept, if a
 * thread stays inside for too long.
 */
bool ftrace_module_going(struct ftrace_group *group, unsigned long start, unsigned long end);
