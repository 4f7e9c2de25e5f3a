/* SPDX-License-Identifier: MIT */
/*
 * A simulated architecture for the tracer's core. Its text is an array of functions with a literal
 * and one 8-byte instruction each, and "calling" one does what its bytes say. Built with
 * SIM_LITERALS=1 sites find their set by the literal (as on arm64); with 0 they call a stub that
 * was made for the set (as on i386).
 */
#pragma once
#include "trace/ftrace.h"

#ifndef SIM_SITES
#define SIM_SITES 64u
#define SIM_FIRST_MODULE_SITE 56u	/* from here on they belong to the module "mod" */
#define SIM_BOOT_SITES SIM_SITES	/* those that exist from the start */
#endif
#define SIM_MAX_CALLS 32u
#define SIM_DIRECT_BASE 0x5000u		/* direct functions are numbers from here on */

/* What happened during one call of a function. */
struct sim_trace {
	struct ftrace_ops *ran[SIM_MAX_CALLS];
	unsigned int nr;
	unsigned long direct;		/* the direct function that ran, 0: none */
	unsigned int nr_direct;
	bool with_regs;			/* it came through the trampoline that saves them */
};
extern struct sim_trace sim_trace;

unsigned long sim_ip(unsigned int site);
/* Make the text and the table of sites anew. Nothing may be registered. */
void sim_reset(void);
/* Run function @site; sim_trace tells what was called. Bytes without a meaning are a failure. */
void sim_call(unsigned int site);
/* The first returns the instruction of @site, the second whether it is a NOP. */
u64 *sim_insn(unsigned int site);
bool sim_is_nop(unsigned int site);
/* Called after each single write to text while sites are patched. */
extern void (*sim_after_write)(void);
/* If set, ftrace_find_mentioned() finds every range, as if some thread were inside all old sets. */
extern bool sim_thread_inside;
/* What return_to_handler() calls, in programs that have the function graph. */
extern void (*sim_return)(struct ftrace_regs *fregs);
/* The callback of all tests' ops. It checks what it gets, and notes itself in sim_trace. */
void sim_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		  struct ftrace_regs *fregs);
