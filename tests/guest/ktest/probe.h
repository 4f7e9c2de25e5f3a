/* SPDX-License-Identifier: MIT */
/*
 * The probe bench, for everything that can be attached to one site: probes in assembly
 * (tests/guest/ARCH/ktest_probe.S), callbacks and direct functions that log each run, and a model
 * of what is attached. Every step changes both the model and the site, calls the probe, and
 * compares everything that can be seen with the model.
 */
#pragma once
#include "tests/guest/ktest/ktest.h"
#include "trace/core/site_info.h"
#include "trace/ftrace.h"
#include "trace/tracers/fgraph.h"
#include <asm/ktest_probe.h>

/*
 * These belong to the assembly. Tests run one after the other, so there is only one user at a time.
 */
extern unsigned long probe_in[PROBE_NR_WORDS];		/* what probe_call() loads */
extern unsigned long probe_body[PROBE_NR_WORDS];	/* at the first one after the site */
extern unsigned long probe_direct[PROBE_NR_WORDS];	/* at the direct trampoline's first */
extern unsigned long probe_out[PROBE_NR_WORDS];		/* when it has returned */
extern unsigned long probe_result[PROBE_NR_RESULTS];	/* what probe_target() returns */
extern unsigned long probe_bodies;			/* how often its body ran */
extern unsigned long probe_replaced;			/* how often probe_replacement()'s ran */
extern char probe_return_site[];			/* where it returns to */
void probe_call(unsigned long fn);
void probe_target(void);
void probe_replacement(void);
void probe_direct_a(void);
void probe_direct_b(void);
void probe_direct_hit(unsigned int which);	/* called by the two above */
extern void (*probe_direct_hook)(void);		/* called by that one if it is not NULL */
extern void (*probe_recursion_hook)(void);	/* the same for PROBE_X */

/* For cases that need arguments, IPMODIFY or direct calls. */
#define KT_NEED_ARGS(t) do {							\
	if (!FTRACE_HAVE_ARGS)							\
		KT_SKIP(t, "hook=mcount has no struct ftrace_regs");		\
} while (0)

#define PROBE_NR_ARGS 8
#define PROBE_MAX_EVENTS 16

/*
 * One run of a callback or of a graph user's entry or return function (op set), or of a direct
 * function (direct set).
 */
struct probe_event {
	struct ftrace_ops *op;
	unsigned long direct;
	bool null_fregs, returns;
	unsigned long ip, parent_ip, resume, sp, frame;
	unsigned long true_parent;		/* also if a graph user has hidden it */
	unsigned long result;			/* at a return */
	unsigned long args[PROBE_NR_ARGS];
	unsigned long saved[PROBE_FLAGS + 1];	/* with SAVE_REGS only; the flags are last */
};
extern struct probe_event probe_events[PROBE_MAX_EVENTS];
extern unsigned int probe_nr_events;		/* those beyond the array are only counted */

/*
 * P is plain, R has SAVE_REGS, X has RECURSION, and I has IPMODIFY and sends calls to
 * probe_replacement().
 */
enum { PROBE_P1, PROBE_P2, PROBE_R1, PROBE_R2, PROBE_X, PROBE_I, PROBE_NR_OPS };
extern struct ftrace_ops probe_ops[PROBE_NR_OPS];
/* Only the explorer uses these: G is a user of the function graph. */
enum { PROBE_G1 = PROBE_NR_OPS, PROBE_G2, PROBE_NR_ALL };
extern struct fgraph_ops probe_users[PROBE_NR_ALL - PROBE_NR_OPS];
extern struct ftrace_ops probe_direct_ops;
extern int probe_share_answer;			/* its ops_func's; 0: shares with PROBE_I */
extern const char *const probe_op_names[PROBE_NR_ALL];
#define PROBE_A ((unsigned long)probe_direct_a)
#define PROBE_B ((unsigned long)probe_direct_b)
/* Other addresses that lead to these two, and that sites do not reach directly; 0: none. */
extern unsigned long probe_islands[2];

/* The model: what should be attached to probe_target() now. */
struct probe_model {
	unsigned int order[PROBE_NR_ALL], nr;	/* earliest first */
	unsigned long direct;			/* 0 = none */
	bool off;				/* ftrace_set_enabled(false) */
};

/*
 * Set all filters to probe_target() and attach nothing. Every test starts with this. Returns false
 * if it failed.
 */
bool probe_begin(struct ktest *t, struct probe_model *m);
/* Detach whatever is attached, in any state, and check that the site is a NOP again. */
void probe_end(struct ktest *t, struct probe_model *m);
/* The ops of @op, and how it comes and goes: as a callback, or as a user of the function graph. */
struct ftrace_ops *probe_op(unsigned int op);
int probe_register(unsigned int op);
int probe_unregister(unsigned int op);
/* How many users of the function graph @m has; whether @function is a callback, or one's. */
unsigned int probe_nr_users(const struct probe_model *m);
bool probe_is_callback(unsigned long function);
/*
 * Steps: each makes a change, expects success, and checks everything. Returns false after a
 * failure, which has been reported.
 */
bool probe_attach(struct ktest *t, struct probe_model *m, unsigned int op);
bool probe_detach(struct ktest *t, struct probe_model *m, unsigned int op);
bool probe_set_direct(struct ktest *t, struct probe_model *m, unsigned long addr);
bool probe_clear_direct(struct ktest *t, struct probe_model *m);
bool probe_modify_direct(struct ktest *t, struct probe_model *m, unsigned long addr);
bool probe_attached(const struct probe_model *m, unsigned int op);
/* Compare the site, its record, and one call of it with the model. */
bool probe_check(struct ktest *t, const struct probe_model *m, const char *step);
/*
 * The two halves of probe_check(): one checks the site and its record, one what the last
 * probe_run() did.
 */
bool probe_check_site(struct ktest *t, const struct probe_model *m, const char *step);
bool probe_check_run(struct ktest *t, const struct probe_model *m, const char *step);

/* For other tests: empty the log and call probe_target() with known values in all registers. */
void probe_run(void);
void probe_prepare(void);		/* all of that but the call */
/* Finds the record of the site of @function. Returns false if it has none. */
bool probe_site_info(unsigned long function, struct ftrace_site_info *info);
/* Is the site of @function, to the byte, as if nothing was ever attached? */
bool probe_site_is_nop(unsigned long function);
