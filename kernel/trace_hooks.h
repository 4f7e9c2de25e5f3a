/* SPDX-License-Identifier: MIT */
/*
 * All that the kernel knows of its tracer. Defined in trace/; a kernel without
 * a tracer would define them empty.
 */
#pragma once
#include "kernel/types.h"

struct pt_regs;
struct task_struct;

/* Boot, one CPU, interrupts off, before any traced function of interest: records and NOP form. */
void ftrace_init(void);
/* Boot, after the allocators and the scheduler: buffers, tracers, boot parameters. */
void tracer_init(void);
/* After the VFS is up: mount tracefs on /sys/kernel/tracing. */
void tracefs_init(void);
/*
 * A fault or panic happened: stop recording, and dump the buffers if ftrace_dump_on_oops says so.
 */
void trace_on_oops(void);
/* @task ends: keep its name for its events. Thread context, untraced. */
void trace_task_exit(const struct task_struct *task);
/* Drop the records that lie in [start, end), which is about to be freed (init text). */
void ftrace_free_mem(unsigned long start, unsigned long end);

/*
 * Modules. coming: the text is written, nothing runs it yet, and its functions are symbols; @sites
 * (@nr of them, as the compiler made the table) get records, and whoever traces what matches is
 * attached. 0, or why not, with nothing left of it. going: text [start, end), whose code nobody
 * calls any more, is about to be freed; @group is what coming made. Waits until no thread is
 * inside; false: one stays. stop_ops: ops that lie, or whose functions lie, in [start, end) are
 * taken back; false: for want of memory one could not be.
 */
struct ftrace_group;
int ftrace_module_coming(const char *name, unsigned long *sites, unsigned int nr,
			 struct ftrace_group **group);
bool ftrace_module_stop_ops(const char *name, unsigned long start, unsigned long end);
bool ftrace_module_going(struct ftrace_group *group, unsigned long start, unsigned long end);

/*
 * For the unwinder; any context, untraced. Is @pc inside a trampoline or stub? And: @regs was
 * interrupted inside one, or is it about to be entered; fill the traced function's resume address,
 * its caller's address, and the caller's frame pointer; false if @regs is not such a place.
 * Supplied by arch/ARCH/ftrace.c.
 */
bool ftrace_is_trampoline(unsigned long pc);
bool ftrace_unwind_regs(const struct pt_regs *regs, unsigned long *ip, unsigned long *parent_ip,
			unsigned long *fp);
/* @frame is the frame pointer of the first C function that a trampoline called: same answers. */
bool ftrace_unwind_frame(unsigned long frame, unsigned long *ip, unsigned long *parent_ip,
			 unsigned long *fp);
