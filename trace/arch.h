/* SPDX-License-Identifier: MIT */
/*
 * What the tracer needs from an architecture: every name that a port supplies to trace/, and
 * nothing else. Called in thread context with ftrace_lock held, unless it says otherwise. The
 * groups stand in the order in which a port is written; docs/porting.md, "Sites", walks through it.
 *
 * Functions that are declared `static inline` have no body here: <asm/ftrace.h> or <asm/local.h>
 * defines them, and the build stops if one is missing.
 */
#pragma once
#include "trace/kernel.h"
#include <asm/ftrace.h>
#include <asm/local.h>

struct dyn_ftrace;
struct ftrace_set;
struct pt_regs;

/* --- The ring buffer: <asm/local.h> --- */
/*
 * Set a word that only this CPU writes to @new if it is @old: true if it was. Whole against
 * interrupts and NMIs of this CPU, not against other CPUs: no lock prefix, no barrier but for the
 * compiler. Any context, untraced.
 */
static inline bool arch_local_cmpxchg(unsigned long *ptr, unsigned long old, unsigned long new);

/*
 * --- Sites: site.c, site_mcount.c, <asm/ftrace.h> ---
 *
 * FTRACE_INSN_SIZE		bytes of a site's instruction, eight at most
 */
/*
 * What stands at a site: its instruction (FTRACE_INSN_SIZE bytes, little
 * endian) and its literal (0 in builds without one).
 */
struct ftrace_form {
	u64 insn;
	unsigned long literal;
};
/* A compiler-made table entry to the address of the site's instruction; 0 = no site. Boot. */
unsigned long arch_ftrace_site(unsigned long table_entry);
/* The address of the function symbol that the site belongs to. Any context. */
unsigned long arch_ftrace_function(unsigned long ip);
/* Give a fresh site its NOP form, when nothing runs it yet. -EINVAL: unexpected bytes there. */
int arch_ftrace_init_site(unsigned long ip);

/* --- Registers: struct ftrace_regs in <asm/ftrace.h>, ftrace.c; any context, untraced --- */
static inline unsigned long ftrace_regs_get_instruction_pointer(const struct ftrace_regs *fregs);
static inline void ftrace_regs_set_instruction_pointer(struct ftrace_regs *fregs, unsigned long ip);
/* The @n-th argument word; docs/reference.md tells which these are. */
static inline unsigned long ftrace_regs_get_argument(const struct ftrace_regs *fregs,
						     unsigned int n);
/* As they are on the function's first instruction. */
static inline unsigned long ftrace_regs_get_stack_pointer(const struct ftrace_regs *fregs);
static inline unsigned long ftrace_regs_get_frame_pointer(const struct ftrace_regs *fregs);
static inline unsigned long ftrace_regs_get_return_value(const struct ftrace_regs *fregs);
static inline void ftrace_regs_set_return_value(struct ftrace_regs *fregs, unsigned long value);
/* Where the function's return address is kept. */
static inline unsigned long *ftrace_regs_parent_ptr(struct ftrace_regs *fregs);
/* Make the function return at once; set the return value separately. */
static inline void ftrace_override_function_with_return(struct ftrace_regs *fregs);
static inline bool ftrace_regs_has_args(const struct ftrace_regs *fregs);
/* Leave through the direct trampoline at @addr when all callbacks are done. */
static inline void arch_ftrace_set_direct_caller(struct ftrace_regs *fregs, unsigned long addr);
/*
 * Into @regs, zeroed otherwise, what the accessors above read, as an exception on the function's
 * first instruction would have it. Returns @regs; NULL if there is no @fregs.
 */
struct pt_regs *ftrace_partial_regs(const struct ftrace_regs *fregs, struct pt_regs *regs);
/* Where register @name is in struct ftrace_regs: a distance in bytes, or -EINVAL. */
int ftrace_regs_query_register_offset(const char *name);

/* --- How sites reach their sets: reach_literal.c, reach_stub.c; ftrace.S, ftrace_regs.S --- */
/* The trampoline that saves all registers, never called from C. Optional: see save_regs. */
void ftrace_regs_caller(void);
/* Make stubs or whatever sites need to reach a new @set. 0 or -ENOMEM. release: when unused. */
int arch_ftrace_set_prepare(struct ftrace_set *set);
void arch_ftrace_set_release(struct ftrace_set *set);
/* The form of a site with @set attached (NULL: nothing). Cannot fail once prepared. */
struct ftrace_form arch_ftrace_form(unsigned long ip, const struct ftrace_set *set);
/* The form that stands there now; -EFAULT when unreadable. */
int arch_ftrace_read(unsigned long ip, struct ftrace_form *form);
/* The address that a site in @form calls, for printing; 0 for a NOP. */
unsigned long arch_ftrace_call_target(unsigned long ip, const struct ftrace_form *form);

/* --- Text: patch.c --- */
/* One site to be changed. Arrays of them are sorted by ip. */
struct ftrace_change {
	struct dyn_ftrace *rec;
	struct ftrace_set *new_set;	/* NULL = nothing attached */
	unsigned long ip;
	unsigned long old_direct;	/* the direct function that it takes away; 0: none */
	struct ftrace_form old_form, new_form;
};
/*
 * Change all sites from old_form to new_form while any CPU may run them. Everything was verified;
 * fails only by injected fault: then every site is back at its old form, though some may have been
 * called in the new one, and the change that could not be made is returned. Else NULL.
 */
const struct ftrace_change *arch_ftrace_patch(const struct ftrace_change *changes, unsigned int nr);

/* --- Unwinding: ftrace.c --- */
/* Is @pc inside a trampoline or stub? Any context, untraced. */
bool ftrace_is_trampoline(unsigned long pc);
