/* SPDX-License-Identifier: MIT */
/* What tests/guest/ktest/nmi.c shares with the port's part of suite nmi. */
#pragma once
#include "tests/guest/ktest/ktest.h"

struct pt_regs;

/* How often nmi_call_targets() ran in each context, and how often something was wrong. */
struct nmi_calls {
	unsigned long in_nmi, below, wrong;
};
extern struct nmi_calls nmi_calls;

/* In what nmi_set_hook() installed: an NMI, or the interrupt that stands for it. */
bool in_nmi_hook(void);
/* Call functions that are traced, and check what they return: as a hook, and below it. */
void nmi_call_targets(struct pt_regs *regs);
void nmi_call_targets_below(void);

/*
 * Attach callbacks of every kind, and a direct call, to those functions; each callback writes an
 * event if @write_events. Then all must add up: calls, callbacks, events.
 */
bool nmi_attach_all(struct ktest *t, bool write_events);
void nmi_expect_calls(struct ktest *t);
void nmi_detach_all(struct ktest *t);
/* Run @body, which calls them below, single-stepped, with @hook acting as an NMI. */
void nmi_step_through(struct ktest *t, void (*body)(void), void (*hook)(struct pt_regs *regs));
/* One that comes and goes: attach it if it is not, else detach it. */
void nmi_toggle(struct ktest *t, unsigned int which);
