/* SPDX-License-Identifier: MIT */
/*
 * A reference for the tracer's core: which ops is attached where, as plain sets and a list. Random
 * sequences of API calls, made from a seed, are run on the real core and on the reference; after
 * each call every function is called, and what ran is compared. The same source runs on the
 * simulated architecture (tests/host/model/host.c, which also shrinks failures) and in the booted
 * kernel (tests/guest/ktest/model.c), so a seed gives the same sequence there.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"
#include "trace/ftrace.h"
#include "trace/tracers/fgraph.h"

#define MODEL_SITES 13u			/* functions PREFIX00 to PREFIX12 */
#define MODEL_FIRST_MODULE_SITE 10u	/* these are in a module that comes and goes */
#define MODEL_DIRECTS 2u		/* direct functions */
#define MODEL_STEPS 40u			/* calls in a sequence */

/* The ops. The last ones are for direct calls. */
enum {
	MODEL_PLAIN, MODEL_RECURSION, MODEL_REGS, MODEL_IPMODIFY, MODEL_IPMODIFY2,
	MODEL_FIRST_DIRECT,
	MODEL_OPS = MODEL_FIRST_DIRECT + 3
};
extern struct ftrace_ops model_ops[MODEL_OPS];
/* With this, which model_generate() sets for some seeds, MODEL_PLAIN is a user of the graph. */
extern bool model_graph;
struct ftrace_ops *model_op(unsigned int n);

/*
 * One call. Every combination of values is a call that may be made; many of them must be refused.
 */
struct model_step {
	u8 call;			/* MODEL_CALL_* */
	u8 ops, site, glob, direct;
	u8 text;			/* MODEL_TEXT_* */
	bool exclude, remove, reset, wrong;
	bool inside;			/* a thread seems to be inside old sets */
	u8 fault;			/* 0 none, 1 allocations fail, 2 a write fails */
	u8 fault_after;
};

/* Make the sequence of @seed. Those of odd seeds also have calls that hardly anybody makes. */
void model_generate(u32 seed, struct model_step *steps, unsigned int nr);
/* Seeds whose sequence once failed, and that are not among the first ones. 0 ends them. */
extern const u32 model_found_seeds[];
/* Unregister everything and remove all filters: before the first step, and after the last. */
void model_start(void);
void model_finish(void);
/* Make the call and compare. */
void model_run(const struct model_step *step);
/* Describe the call in C, without a newline. */
void model_describe(const struct model_step *step, char *buf, size_t size);
/* What went wrong first, or an empty string. */
extern char model_problem[240];
void model_fail(const char *fmt, ...) __printf(1, 2);
/*
 * Called while sites change: does @site do either what it did before the call, or what it will do
 * after it?
 */
bool model_site_in_transition(unsigned int site);

/* --- What the platform supplies --- */

struct model_trace {
	struct ftrace_ops *ran[MODEL_OPS + 1];
	unsigned int nr;		/* those beyond the array are only counted */
	unsigned int directs[MODEL_DIRECTS + 1];	/* how often each direct function ran */
	unsigned int bodies;
	unsigned int returns;		/* how often the graph's user was told of one */
};
extern struct model_trace model_trace;
extern const char model_prefix[], model_module[];
extern unsigned long model_directs[MODEL_DIRECTS];
/* The callback of all ops. It notes itself in model_trace during model_call(). */
extern const ftrace_func_t model_callback;
/* The same for both functions of the user of the graph. */
int model_entry(struct ftrace_graph_ent *trace, struct fgraph_ops *gops, struct ftrace_regs *fregs);
void model_return(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
		  struct ftrace_regs *fregs);
/*
 * Returns the ops whose filters MODEL_CALL_SHARE gives to others. It is kept, and not registered.
 */
struct ftrace_ops *model_filters_owner(void);
/* Returns the address of the site; 0 if it is not there. */
unsigned long model_ip(unsigned int site);
void model_call(unsigned int site);
/* Load the module, without injected failures and with them. Returns 0 or -errno. */
int model_load(void);
int model_unload(void);
void model_inject(const struct model_step *step);
void model_inject_nothing(void);
