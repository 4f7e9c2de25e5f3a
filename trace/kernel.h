/* SPDX-License-Identifier: MIT */
/*
 * What the tracer's core and its ring buffer ask of the kernel around them: everything of a kernel
 * that trace/core and trace/ring_buffer use, and nothing else. (What they ask of the machine is in
 * trace/arch.h.) The kernel answers with a header of its own, kernel/trace_needs.h, which defines
 * the types, macros and inline functions, or includes what defines them. Each function is declared
 * here once more: the compiler compares it with the kernel's own declaration, and a macro or inline
 * function that is missing stops the build. docs/porting.md takes the tracer into another kernel.
 *
 * Where nothing else is said, a function is called in thread context, with interrupts and
 * preemption on, and may sleep. "Untraced" asks for a function without a call site, because the
 * tracer calls it while it runs for a traced function. The inline ones are untraced as well.
 */
#pragma once
#include "kernel/trace_needs.h"

/*
 * --- Language and library ---
 * Fixed-width types and PAGE_SIZE (kernel/types.h), attributes and READ_ONCE() and its kin
 * (kernel/compiler.h); of kernel/lib error numbers, lists, strings, sorting and globs (errno.h,
 * list.h, string.h, sort.h, glob.h). This code stands on the compiler alone, so a kernel that has
 * nothing under these names takes these files along. Any context. Untraced.
 */

/*
 * --- Memory ---
 * NULL: there is none. GFP_KERNEL is the only flag. kzalloc(), kcalloc() and kfree() are also
 * called with interrupts off, at boot by ftrace_init(). kfree() and vfree() take NULL.
 */
void *kmalloc(size_t size, gfp_t gfp);
void *kzalloc(size_t size, gfp_t gfp);			/* zeroed */
void *kcalloc(size_t n, size_t size, gfp_t gfp);	/* zeroed; NULL if the product overflows */
void kfree(void *ptr);
void *vmalloc(size_t size);				/* for megabytes */
void vfree(void *addr);
/*
 * Zeroed memory that changes its size without moving, from the start of a page on: addresses are
 * kept for @room bytes, and @size of them have memory. grow: 0, or -ENOMEM and nothing has changed;
 * what comes is zeroed. shrink cannot fail. Each does nothing if @size is none in its direction.
 * vfree() frees it. A kernel without page tables may allocate the whole room at once.
 */
void *vmalloc_resizable(size_t size, size_t room);
int vmalloc_grow(void *addr, size_t size);
void vmalloc_shrink(void *addr, size_t size);
size_t vmalloc_space(void);	/* bytes of addresses that are kept for nobody yet */
/* stats->total_pages: what the machine has; stats->free_pages: what could be allocated now. */
void mm_get_stats(struct mm_stats *stats);
/*
 * Executable memory in branch reach of the kernel's text, from the start of a page on; it is never
 * given back. Asked for by ports whose sites call stubs. All of it, and other code that is made at
 * run time, lies in [EXECMEM_START, EXECMEM_END).
 */
void *execmem_alloc(size_t size);

/*
 * --- The running thread ---
 * `current` points to its struct task_struct, which has these fields; nobody else writes the first
 * two.
 *
 *	unsigned int preempt_count	0: it may be preempted. PREEMPT_OFFSET each time it may not
 *	unsigned int trace_recursion	the tracer's; 0 when the thread begins
 *	bool need_resched		a switch is due
 *
 * preempt_count() is the first one's value. Interrupts and NMIs count there too, in HARDIRQ_MASK
 * and NMI_MASK (and SOFTIRQ_MASK, if there are such), and shift trace_recursion left by 8 bits:
 * both at their entry, before anything traced, and back at their exit, behind it. So each context
 * has recursion flags of its own (trace/core/recursion.h). Any context.
 */
static inline void preempt_disable_notrace(void);
static inline void preempt_enable_notrace(void);	/* if need_resched: preempt_schedule() */
/* Let others run, unless preempt_count or interrupts that are off forbid it. Untraced. */
void preempt_schedule(void);
void msleep(unsigned int ms);				/* for @ms at least */

/*
 * --- Locks ---
 * Whoever waits for a struct mutex, made by DEFINE_MUTEX(), sleeps. A spinlock_t keeps preemption
 * off while it is held; no interrupt takes the tracer's. lockdep_assert_held(), for both, and
 * might_sleep() check what the tracer demands of its callers, or are empty.
 */
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);
static inline void spin_lock_init(spinlock_t *lock);
static inline void spin_lock(spinlock_t *lock);
static inline void spin_unlock(spinlock_t *lock);

/*
 * --- CPUs and interrupts ---
 * CPUs have the numbers 0 .. nr_cpus_online - 1 (for_each_online_cpu()), below NR_CPUS, and are up
 * before the first ring buffer is made.
 */
extern unsigned int nr_cpus_online;
static inline unsigned int smp_processor_id(void);	/* any context, preemption off */
/*
 * Call @fn(@arg) on @cpu, which may be this one, as an interrupt handler does, with interrupts off;
 * returns when that is done. Untraced.
 */
void smp_call_function_single(unsigned int cpu, void (*fn)(void *arg), void *arg);
static inline unsigned long arch_irq_save(void);	/* off on this CPU; returns how it was */
static inline void arch_irq_restore(unsigned long flags);
static inline void arch_cpu_relax(void);		/* in a loop that waits for another CPU */
static inline void smp_mb(void);			/* full barrier between CPUs; any context */

/*
 * --- Time ---
 * Any context, NMIs included. Untraced. A cycle is kernel_clock.whole + kernel_clock.fraction /
 * 2^32 ns (both u32): known before the first ring buffer is made, and the same for good, because
 * the ring buffer converts differences by itself. NSEC_PER_SEC, _MSEC and _USEC.
 */
extern struct kernel_clock kernel_clock;
static inline u64 arch_clock_cycles(void);		/* never runs backwards on a CPU */
static inline u64 clock_cycles_to_ns(u64 cycles);	/* ns since boot */
u64 ktime_get_ns(void);					/* the same, of the counter now */
u64 get_jiffies_64(void);				/* ticks since boot: the clock "uptime" */

/*
 * --- Symbols ---
 * A struct ksym has the name of a function, its module's ("": the kernel's own), its size, and an
 * offset in it. A name has fewer than KSYM_NAME_LEN bytes. Untraced.
 */
/*
 * The function that @addr lies in; false: none does. Interrupts off. A module's names are good
 * until ftrace_module_going() has returned.
 */
bool kallsyms_lookup(unsigned long addr, struct ksym *sym);
/* The same without names; each pointer may be NULL. Any context. */
bool kallsyms_lookup_size_offset(unsigned long addr, unsigned long *size, unsigned long *offset);
/* Of the kernel's own functions, the one that is @index-th by address; false past the end. */
bool kallsyms_at(unsigned int index, const char **name, unsigned long *addr);
/* From now on the code at entry->start, entry->size bytes, is a function entry->name. */
void kallsyms_add_range(struct ksym_range *entry);
/* Why @addr must not be called, in words for the log; NULL: it may be. */
const char *code_address_problem(unsigned long addr);
/* By the linker: the kernel's first byte and its end; the compiler's table of sites, writable. */
extern char _text[], _end[];
extern unsigned long __start_mcount_loc[], __stop_mcount_loc[];

/*
 * --- Messages ---
 * pr_err(), pr_warn() and pr_info() write a line to the log, as printf() does; "%ps" is the name of
 * the function that an address lies in, "%pS" with the offset. BUG_ON() stops the machine, because
 * going on would damage code.
 */
int scnprintf(char *buf, size_t size, const char *fmt, ...);	/* returns what was written */

/*
 * --- Where threads stand ---
 * Asked before anything is freed that a thread may be inside. A kernel in which no thread ever
 * waits, or loses its CPU, in a callback, a direct function or a trampoline answers INSPECT_OUTSIDE
 * at once; then nothing else of this group is called. Untraced.
 */
/*
 * Call inspection->look(task, sp, inspection->arg) for every thread but the caller, while that one
 * does not move. INSPECT_OUTSIDE: that was the answer for each of them. Else it is another one's
 * answer, or INSPECT_UNSEEN for one that could not be looked at, and inspection->comm and
 * inspection->pid tell whose. kernel/inspect.h has the whole contract.
 */
enum inspect_result inspect_threads(struct inspection *inspection);
/* In look(): the bounds of @task's stack; false if @sp is not on it. */
bool arch_stack_bounds(const struct task_struct *task, unsigned long sp, unsigned long *low,
		       unsigned long *high);
/*
 * In look(): walk @task's frames, from where it stands (@regs is NULL) to the caller of each; false
 * at the end, or where the stack makes no sense. The port's ftrace_is_trampoline() knows what lies
 * on trampolines. kernel/unwind.h has struct unwind_state; the tracer reads pc, resume, gap_start,
 * gap_end and at_end.
 */
void arch_unwind_start(struct unwind_state *state, const struct task_struct *task,
		       const struct pt_regs *regs);
bool arch_unwind_step(struct unwind_state *state);

/*
 * --- What the kernel calls ---
 * At boot ftrace_init(), when memory is freed ftrace_free_mem(), around modules the functions for
 * them: these are in trace/core. The others there belong to the rest of trace/.
 */
#include "kernel/trace_hooks.h"

#if !(defined(BUG_ON) && defined(DEFINE_MUTEX) && defined(EXECMEM_END) && \
	defined(EXECMEM_START) && defined(GFP_KERNEL) && defined(HARDIRQ_MASK) && \
	defined(KSYM_NAME_LEN) && defined(NMI_MASK) && defined(NR_CPUS) && \
	defined(NSEC_PER_MSEC) && defined(NSEC_PER_SEC) && defined(NSEC_PER_USEC) && \
	defined(PREEMPT_OFFSET) && defined(SOFTIRQ_MASK) && defined(current) && \
	defined(for_each_online_cpu) && defined(lockdep_assert_held) && defined(might_sleep) && \
	defined(pr_err) && defined(pr_info) && defined(pr_warn) && defined(preempt_count))
#error "kernel/trace_needs.h does not define every macro that trace/kernel.h asks for"
#endif
