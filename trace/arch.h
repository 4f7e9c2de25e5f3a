/* SPDX-License-Identifier: MIT */
/*
 * What the tracer needs from an architecture: every name that a port supplies to trace/, and
 * nothing else. <asm/ftrace.h> adds struct ftrace_regs with its accessors and FTRACE_INSN_SIZE, and
 * trace/ftrace.h declares two more for clients. Called in thread context with ftrace_lock held,
 * unless it says otherwise.
 */
#pragma once
#include "trace/ftrace.h"
#include "trace/kernel.h"

struct ftrace_set;
struct pt_regs;

/*
 * What stands at a site: its instruction (FTRACE_INSN_SIZE bytes, little
 * endian) and its literal (0 in builds without one).
 */
struct ftrace_form {
	u64 insn;
	unsigned long literal;
};

/* One site to be changed. Arrays of them are sorted by ip. */
struct ftrace_change {
	struct dyn_ftrace *rec;
	struct ftrace_set *new_set;	/* NULL = nothing attached */
	unsigned long ip;
	unsigned long old_direct;	/* the direct function that it takes away; 0: none */
	struct ftrace_form old_form, new_form;
};

static inline int ftrace_compare_change(const void *key, const void *element)
{
	unsigned long ip = *(const unsigned long *)key;
	const struct ftrace_change *change = element;

	return (ip > change->ip) - (ip < change->ip);
}

/* That of the site at @ip, among the @nr @changes; NULL if there is none. Any context. */
static __always_inline const struct ftrace_change *
ftrace_change_at(const struct ftrace_change *changes, unsigned int nr, unsigned long ip)
{
	return __inline_bsearch(&ip, changes, nr, sizeof(*changes), ftrace_compare_change);
}

/* A compiler-made table entry to the address of the site's instruction; 0 = no site. Boot. */
unsigned long arch_ftrace_site(unsigned long table_entry);
/* The address of the function symbol that the site belongs to. Any context. */
unsigned long arch_ftrace_function(unsigned long ip);
/* Give a fresh site its NOP form, when nothing runs it yet. -EINVAL: unexpected bytes there. */
int arch_ftrace_init_site(unsigned long ip);
/* Make stubs or whatever sites need to reach a new @set. 0 or -ENOMEM. release: when unused. */
int arch_ftrace_set_prepare(struct ftrace_set *set);
void arch_ftrace_set_release(struct ftrace_set *set);
/* The form of a site with @set attached (NULL: nothing). Cannot fail once prepared. */
struct ftrace_form arch_ftrace_form(unsigned long ip, const struct ftrace_set *set);
/* The form that stands there now; -EFAULT when unreadable. */
int arch_ftrace_read(unsigned long ip, struct ftrace_form *form);
/*
 * Change all sites from old_form to new_form while any CPU may run them. Everything was verified;
 * fails only by injected fault: then every site is back at its old form, though some may have been
 * called in the new one, and the change that could not be made is returned. Else NULL.
 */
const struct ftrace_change *arch_ftrace_patch(const struct ftrace_change *changes, unsigned int nr);
/* The address that a site in @form calls, for printing; 0 for a NOP. */
unsigned long arch_ftrace_call_target(unsigned long ip, const struct ftrace_form *form);
/*
 * Set a word that only this CPU writes to @new if it is @old: true if it was. Whole against
 * interrupts and NMIs of this CPU, not against other CPUs: no lock prefix, no barrier but for the
 * compiler. For the ring buffer's writer; any context, untraced. Inline, in <asm/local.h>.
 */
static inline bool arch_local_cmpxchg(unsigned long *ptr, unsigned long old, unsigned long new);
#include <asm/local.h>
/* The unwinder's three functions are in kernel/trace_hooks.h. */
