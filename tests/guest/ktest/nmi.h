/* SPDX-License-Identifier: MIT */
/* What tests/guest/ktest/nmi.c shares with the port's part of the suite nmi. */
#pragma once
#include "tests/guest/ktest/ktest.h"

struct pt_regs;

/* Counts how often nmi_call_targets() ran in each context, and how often a result was wrong. */
struct nmi_calls {
	unsigned long in_nmi, below, wrong;
};
extern struct nmi_calls nmi_calls;

/*
 * Does this run in the hook that nmi_set_hook() installed: in an NMI, or in the interrupt that
 * stands in for it?
 */
bool in_nmi_hook(void);
/*
 * Call traced functions and check what they return. Called by the hook, and by the code that it
 * interrupts.
 */
void nmi_call_targets(struct pt_regs *regs);
void nmi_call_targets_below(void);

/*
 * attach: attach callbacks of every kind and a direct call to those functions. With @write_events
 * each callback writes an event. Afterwards everything must add up: calls, callbacks and events.
 */
bool nmi_attach_all(struct ktest *t, bool write_events);
void nmi_expect_calls(struct ktest *t);
void nmi_detach_all(struct ktest *t);
/* Run @body, which calls these functions, single-stepped, with @hook acting as an NMI. */
void nmi_step_through(struct ktest *t, void (*body)(void), void (*hook)(struct pt_regs *regs));
/* Attach the callback @which, which comes and goes, if it is not attached; otherwise detach it. */
void nmi_toggle(struct ktest *t, unsigned int which);
