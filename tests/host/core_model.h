/* SPDX-License-Identifier: MIT */
/*
 * What should be attached to the simulated functions, in plain arrays, and the
 * comparison with what is: for the cases of core.c. Random sequences have tests/host/model.
 */
#pragma once
#include "tests/host/sim_arch.h"
#include "trace/core/hash.h"

#define NR_OPS 8u		/* the last NR_DIRECT of them are for direct calls */
#define NR_DIRECT 3u
#define FIRST_DIRECT (NR_OPS - NR_DIRECT)
#define IPMODIFY 3u			/* this one */
#define STUBBORN (FIRST_DIRECT + 1)	/* has no ops_func; the next one answers with refusal */

/* What the model knows of each ops. */
struct model {
	bool registered, initialized;
	bool filter[SIM_SITES], exclude[SIM_SITES];
	unsigned int order;
	unsigned long direct;
	unsigned long own[SIM_SITES];	/* instead, at this site; 0: not */
};

extern struct ftrace_ops ops[NR_OPS];
extern struct model model[NR_OPS];
extern unsigned int last_order;
extern bool switched_off;		/* ftrace_enabled is 0 */
extern int refusal;

bool any(const bool *set);
bool attached(const struct model *m, unsigned int site);
unsigned long direct_at(const struct model *m, unsigned int site);
/* Is some site attached to both? */
bool overlap(const struct model *a, const struct model *b);
/* Does what ran at @site agree with @state? Says why not if @line is not 0. */
bool site_agrees(const struct model *state, bool off, unsigned int site, int line);
/* Call every function and compare all that can be seen with the model. */
void check_all(int line);
/* Before and after each test: nothing attached, and nothing left. */
void start(void);
void finish(void);
int filter(unsigned int i, const char *glob, int reset);
