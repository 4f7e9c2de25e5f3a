/* SPDX-License-Identifier: MIT */
/*
 * What the tracer needs from an architecture: every name that a port supplies to trace/, and
 * nothing else. Unless a comment says otherwise, a function is called in thread context with
 * ftrace_lock held. The groups stand in the order in which one writes a port; docs/porting.md,
 * "Sites", walks through them.
 *
 * Functions that are declared `static inline` have no body here. <asm/ftrace.h> or <asm/local.h>
 * defines them, and the build stops if one is missing.
 */
#pragma once
#include "trace/kernel.h"
#include <asm/ftrace.h>
#include <asm/local.h>

struct dyn_ftrace;
struct ftrace_set;
struct ring_buffer_per_cpu;
struct pt_regs;

/* --- The ring buffer: <asm/local.h> --- */
/*
 * If *@ptr is @old, set it to @new and return true. Only this CPU writes the word, so the operation
 * must be atomic against interrupts and NMIs of this CPU, but not against other CPUs: it needs no
 * lock prefix, and no barrier except for the compiler. Any context, untraced.
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
/*
 * Returns the address of the site's instruction for an entry of the compiler's table; 0 if it
 * stands for no site. Called at boot and when a module is loaded.
 */
unsigned long arch_ftrace_site(unsigned long table_entry);
/*
 * Returns the address of the function that the site at @ip belongs to, as the symbol table has it.
 * Any context.
 */
unsigned long arch_ftrace_function(unsigned long ip);
/*
 * Give a site that nothing runs yet its NOP form. Returns 0, or -EINVAL if unexpected bytes are
 * there.
 */
int arch_ftrace_init_site(unsigned long ip);

/* --- Registers: struct ftrace_regs in <asm/ftrace.h>, ftrace.c; any context, untraced --- */
static inline unsigned long ftrace_regs_get_instruction_pointer(const struct ftrace_regs *fregs);
static inline void ftrace_regs_set_instruction_pointer(struct ftrace_regs *fregs, unsigned long ip);
/* Returns the @n-th word of the arguments; docs/reference.md tells which words these are. */
static inline unsigned long ftrace_regs_get_argument(const struct ftrace_regs *fregs,
						     unsigned int n);
/* These two return the registers as they are at the function's first instruction. */
static inline unsigned long ftrace_regs_get_stack_pointer(const struct ftrace_regs *fregs);
static inline unsigned long ftrace_regs_get_frame_pointer(const struct ftrace_regs *fregs);
static inline unsigned long ftrace_regs_get_return_value(const struct ftrace_regs *fregs);
static inline void ftrace_regs_set_return_value(struct ftrace_regs *fregs, unsigned long value);
/* Returns the place where the function's return address is kept. */
static inline unsigned long *ftrace_regs_parent_ptr(struct ftrace_regs *fregs);
/* Make the function return at once. Its return value is set separately. */
static inline void ftrace_override_function_with_return(struct ftrace_regs *fregs);
static inline bool ftrace_regs_has_args(const struct ftrace_regs *fregs);
/*
 * Leave through the direct function at @addr when all callbacks are done. Only the call's own stack
 * knows of it, so unregistering the callback's ops does not wait for threads in that function
 * (docs/ops.md).
 */
static inline void arch_ftrace_set_direct_caller(struct ftrace_regs *fregs, unsigned long addr);
/*
 * Store into @regs what the accessors above read, as an exception at the function's first
 * instruction would have it, and 0 into the rest. Returns @regs, or NULL if @fregs is NULL.
 */
struct pt_regs *ftrace_partial_regs(const struct ftrace_regs *fregs, struct pt_regs *regs);
/*
 * Returns the distance in bytes of register @name in struct ftrace_regs, or -EINVAL if it is not
 * there.
 */
int ftrace_regs_query_register_offset(const char *name);

/* --- Arguments by type: args.c --- */
/* How far the arguments of a function have been placed; the port's own. */
struct ftrace_arg_walk {
	unsigned int registers, stack;	/* words that are taken so far */
};
/*
 * start: nothing is placed yet, of a function that may be variadic, or have a structure as its
 * result. words: place the next argument, of @size bytes and perhaps a structure; returns its first
 * word, as ftrace_regs_get_argument() numbers them and on into the stack, and stores their number.
 * An argument of which only the address is passed has one word. Any context, untraced.
 */
void arch_ftrace_args_start(struct ftrace_arg_walk *walk, bool variadic, bool structure_result);
unsigned int arch_ftrace_arg_words(struct ftrace_arg_walk *walk, unsigned int size, bool structure,
				   unsigned int *nr);
/*
 * Read the first @nr words of a call's arguments, those on the stack too; a word that cannot be
 * read is 0. @fregs is as at the function's entry. (At a return words 0 and 1 have the result, and
 * ftrace_regs_get_argument() returns these.) Any context, untraced.
 */
void arch_ftrace_read_args(const struct ftrace_regs *fregs, unsigned long *words, unsigned int nr);

/* --- How sites reach their sets: reach_literal.c, reach_stub.c; ftrace.S, ftrace_regs.S --- */
/*
 * The names of trampolines that save all registers begin with ftrace_regs_: there are none without
 * the build option save_regs.
 *
 * prepare: make what sites need to reach a new @set, for example a stub. Returns 0 or -ENOMEM.
 * release: free it again, when no record names the set and no thread is inside.
 */
int arch_ftrace_set_prepare(struct ftrace_set *set);
void arch_ftrace_set_release(struct ftrace_set *set);
/*
 * Returns the form of the site at @ip when @set is attached (NULL: nothing is). Cannot fail once
 * @set is prepared.
 */
struct ftrace_form arch_ftrace_form(unsigned long ip, const struct ftrace_set *set);
/* Read the form that is at the site now into @form. Returns 0, or -EFAULT if it cannot be read. */
int arch_ftrace_read(unsigned long ip, struct ftrace_form *form);
/*
 * Returns the instruction of a jump site (kernel/trace_hooks.h) at @ip: a jump to @target, which is
 * in the same function, or a NOP if that is 0. arch_ftrace_read() and arch_ftrace_patch() take the
 * addresses of these sites too; they have no literal, and the one that is read means nothing.
 */
u64 arch_ftrace_jump(unsigned long ip, unsigned long target);
/* Returns the address that a site in @form calls, for printing; 0 for a NOP. */
unsigned long arch_ftrace_call_target(unsigned long ip, const struct ftrace_form *form);

/* --- The function tracer's sequence: ftrace_function.S, ftrace.c --- */
/*
 * Optional: hook=mcount has neither of the two.
 *
 * The trampoline of function_trace_ops (trace/tracers/trace_functions.h), for sites that have this
 * ops alone. It writes the event itself where it can, as trace/ring_buffer/ring_buffer_sequence.c
 * says, returns at once if the ops's func is function_trace_off, and otherwise goes to the port's
 * ordinary trampoline. The port's exception code sends a thread that it finds in the sequence back
 * to its start, in every handler that lets the thread go on. C code never calls it.
 */
void function_trace_caller(void);
/* Optional: the address behind the sequence's last store. */
extern const char function_trace_committed[];
/* The sequence writes to @cpu_buffer on CPU @cpu from its next start on. Any context, untraced. */
void arch_function_trace_buffer(unsigned int cpu, struct ring_buffer_per_cpu *cpu_buffer);
/*
 * Optional: the same for the tracer function_graph, the trampoline of graph_trace_ops
 * (trace/tracers/trace_functions_graph.h). Functions whose address it has hidden return to a return
 * trampoline of its own, FTRACE_RETURN_OTHER bytes behind return_to_handler().
 */
void graph_trace_caller(void);
/* As arch_function_trace_buffer(), for both. */
void arch_graph_trace_buffer(unsigned int cpu, struct ring_buffer_per_cpu *cpu_buffer);

/* --- Text: patch.c --- */
/* One site that is to be changed. Arrays of these are sorted by ip. */
struct ftrace_change {
	struct dyn_ftrace *rec;
	struct ftrace_set *new_set;	/* NULL = nothing attached */
	unsigned long ip;
	unsigned long old_direct;	/* the direct function that goes; 0: none */
	struct ftrace_form old_form, new_form;
};
/*
 * Change all sites from old_form to new_form while any CPU may run them. All of them were verified
 * before, so this fails only by an injected fault. Then every site is back at its old form,
 * although some may have been called in the new one, and the change that could not be made is
 * returned. Otherwise returns NULL.
 */
const struct ftrace_change *arch_ftrace_patch(const struct ftrace_change *changes, unsigned int nr);

/*
 * --- Returns: ftrace_graph.S, <asm/ftrace.h> ---
 *
 * FTRACE_GRAPH_BY_FP		1: on a stack, a hidden return address is told from others by its
 *				caller's frame pointer; 0: by its place
 * FTRACE_RETURN_OTHER		that of function_graph is so many bytes behind it, a power of 2
 */
/*
 * Functions return here whose return address is hidden, because somebody wants to know of their
 * return. Builds a struct ftrace_regs with the result, and calls ftrace_return_to_handler(fregs),
 * which stores the true address as parent and may change the result. Then goes there. C code never
 * calls it.
 */
void return_to_handler(void);
/*
 * hook=mcount: @frame is the frame record of the C function that a trampoline called. Returns that
 * of the traced function: {its caller's frame pointer, its return address}. Any context, untraced.
 */
static inline unsigned long *ftrace_mcount_frame(unsigned long *frame);

/*
 * --- Unwinding: ftrace.c, <asm/ftrace.h> ---
 *
 * FTRACE_RECORD_FIRST		1: a function's frame record has the lowest address of all that it
 *				keeps on the stack; 0: it is above that
 */
/* Is @pc inside a trampoline or stub? Any context, untraced. */
bool ftrace_is_trampoline(unsigned long pc);
