/* SPDX-License-Identifier: MIT */
/*
 * What the tracer's core and its ring buffer ask of the kernel around them: everything of a kernel
 * that trace/core and trace/ring_buffer use, and nothing else. (What they ask of the machine is in
 * trace/arch.h.) The kernel answers with a header of its own, kernel/trace_needs.h, which defines
 * the types, macros and inline functions, or includes headers that define them. Each function is
 * declared here again: the compiler compares this with the kernel's own declaration, and the build
 * stops if a macro or an inline function is missing. docs/porting.md takes the tracer into another
 * kernel.
 *
 * Unless a comment says otherwise, a function is called in thread context, with interrupts and
 * preemption on, and may sleep. "Untraced" asks for a function without a call site, because the
 * tracer calls it while it runs for a traced function. The inline functions are untraced as well.
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
 * Those that allocate return NULL if there is no memory. GFP_KERNEL is the only flag. kzalloc(),
 * kcalloc() and kfree() are also called with interrupts off: at boot by ftrace_init(), and for
 * kallsyms_on_each_match_symbol(). kfree() and vfree() take NULL.
 */
void *kmalloc(size_t size, gfp_t gfp);
void *kzalloc(size_t size, gfp_t gfp);			/* zeroed */
void *kcalloc(size_t n, size_t size, gfp_t gfp);	/* zeroed; NULL if the product overflows */
void kfree(void *ptr);
void *vmalloc(size_t size);				/* for megabytes */
void vfree(void *addr);
/*
 * Zeroed memory, from the start of a page on, that changes its size without moving: addresses are
 * reserved for @room bytes, and the first @size of them have memory. grow: returns 0, or -ENOMEM
 * with nothing changed; the new memory is zeroed. shrink cannot fail. Each does nothing if @size is
 * not a change in its direction. vfree() frees all of it. A kernel without page tables may allocate
 * the whole room at once.
 */
void *vmalloc_resizable(size_t size, size_t room);
int vmalloc_grow(void *addr, size_t size);
void vmalloc_shrink(void *addr, size_t size);
size_t vmalloc_space(void);	/* bytes of addresses that are not reserved yet */
/*
 * Sets stats->total_pages, which the machine has, and stats->free_pages, which could be allocated
 * now.
 */
void mm_get_stats(struct mm_stats *stats);
/*
 * Returns executable memory in branch reach of the kernel's text, from the start of a page on, or
 * NULL. It is never given back. Ports whose sites call stubs ask for it. This memory, and all other
 * code that is made at run time, lies in [EXECMEM_START, EXECMEM_END).
 */
void *execmem_alloc(size_t size);

/*
 * --- The running thread ---
 * `current` points to its struct task_struct, which has these fields. Only the thread itself, and
 * interrupts and NMIs on its CPU, write the first two.
 *
 *	unsigned int preempt_count	0: it may be preempted. PREEMPT_OFFSET each time it may not
 *	unsigned int trace_recursion	the tracer's; 0 when the thread begins
 *	bool need_resched		a switch is due
 *
 * preempt_count() is the first one's value. Interrupts and NMIs count there too, in HARDIRQ_MASK
 * and NMI_MASK (and SOFTIRQ_MASK, if there are such), and shift trace_recursion left by 8 bits:
 * both at their entry, before anything traced runs, and back at their exit, after everything
 * traced. So each context has recursion flags of its own (trace/core/recursion.h). Any context.
 */
static inline void preempt_disable_notrace(void);
static inline void preempt_enable_notrace(void);	/* if need_resched: preempt_schedule() */
/*
 * Run other threads that are due, unless preempt_count or disabled interrupts forbid it. Untraced.
 */
void preempt_schedule(void);
void msleep(unsigned int ms);				/* sleeps for at least @ms */

/*
 * --- Locks ---
 * Whoever waits for a struct mutex, made by DEFINE_MUTEX(), sleeps. A spinlock_t keeps preemption
 * off while it is held; no interrupt waits for the tracer's. lockdep_assert_held(), for both,
 * might_sleep(), assert_irqs_off() and assert_preempt_off() check what the tracer demands of its
 * callers, or are empty.
 */
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);
static inline void spin_lock_init(spinlock_t *lock);
static inline void spin_lock(spinlock_t *lock);
static inline bool spin_trylock(spinlock_t *lock);	/* false: it is held. Any context */
static inline void spin_unlock(spinlock_t *lock);

/*
 * --- CPUs and interrupts ---
 * CPUs have the numbers 0 .. nr_cpus_online - 1 (for_each_online_cpu()), below NR_CPUS, and are up
 * before the first ring buffer is made.
 */
extern unsigned int nr_cpus_online;
static inline unsigned int smp_processor_id(void);	/* any context, preemption off */
/*
 * Call @fn(@arg) on @cpu, which may be this one, as an interrupt handler does, with interrupts off.
 * Returns when @fn has returned. Untraced.
 */
void smp_call_function_single(unsigned int cpu, void (*fn)(void *arg), void *arg);
/* Returns when every CPU has had interrupts on since it was called, outside of NMIs. */
void smp_wait_irqs_off(void);
static inline unsigned long arch_irq_save(void);	/* off on this CPU; returns the old state */
static inline void arch_irq_restore(unsigned long flags);
static inline void arch_cpu_relax(void);		/* in a loop that waits for another CPU */
static inline void smp_mb(void);			/* full barrier between CPUs; any context */

/*
 * --- Time ---
 * Any context, NMIs included. Untraced. A cycle is kernel_clock.whole + kernel_clock.fraction /
 * 2^32 ns (both u32). These values are known before the first ring buffer is made and never change,
 * because the ring buffer converts differences itself. The macros NSEC_PER_SEC, _MSEC and _USEC
 * give their numbers of nanoseconds.
 */
extern struct kernel_clock kernel_clock;
static inline u64 arch_clock_cycles(void);		/* never goes back on a CPU */
static inline u64 clock_cycles_to_ns(u64 cycles);	/* ns since boot */
u64 ktime_get_ns(void);					/* ns since boot, now */
u64 get_jiffies_64(void);				/* ticks since boot: the clock "uptime" */

/*
 * --- Symbols ---
 * A struct ksym has the name of a function, its module's ("": the kernel's own), its size, and an
 * offset in it. A name has fewer than KSYM_NAME_LEN bytes. Untraced.
 */
/*
 * Finds the function that @addr lies in; returns false if it lies in none. Called with interrupts
 * off. A module's names are valid until ftrace_module_going() has returned.
 */
bool kallsyms_lookup(unsigned long addr, struct ksym *sym);
/* The same without names. Each pointer may be NULL. Any context. */
bool kallsyms_lookup_size_offset(unsigned long addr, unsigned long *size, unsigned long *offset);
/* Finds the @index-th of the kernel's own functions by address; returns false past the last. */
bool kallsyms_at(unsigned int index, const char **name, unsigned long *addr);
/*
 * Calls @fn(@data, start) with interrupts off for each function named @name, the kernel's own and
 * those of modules, until @fn returns nonzero. Returns that, or 0.
 */
int kallsyms_on_each_match_symbol(int (*fn)(void *data, unsigned long addr), const char *name,
				  void *data);
/* From now on the entry->size bytes of code at entry->start are a function named entry->name. */
void kallsyms_add_range(struct ksym_range *entry);
/* Returns in words for the log why @addr must not be called, or NULL if it may be. */
const char *code_address_problem(unsigned long addr);
/* Tells whether @addr is data of the image that stays: nothing can free an object there. */
bool core_kernel_data(unsigned long addr);
/*
 * From the linker: the kernel's first byte and its end, and the compiler's table of sites, which is
 * writable.
 */
extern char _text[], _end[];
extern unsigned long __start_mcount_loc[], __stop_mcount_loc[];

/*
 * --- Messages ---
 * pr_err(), pr_warn() and pr_info() write a line to the log, as printf() does; "%ps" is the name of
 * the function that an address lies in, "%pS" with the offset. BUG_ON() stops the machine, because
 * going on would damage code.
 */
int scnprintf(char *buf, size_t size, const char *fmt, ...);	/* returns the length written */

/*
 * --- Where threads stand ---
 * Called before anything is freed that a thread may be inside. A kernel in which no thread ever
 * waits or is preempted in a callback, a direct function or a trampoline may answer INSPECT_OUTSIDE
 * at once; then nothing else of this group is called. Untraced.
 */
/*
 * Call inspection->look(task, sp, inspection->arg) for every thread but the caller, while that
 * thread does not move. Returns INSPECT_OUTSIDE if that was the answer for each of them, or
 * INSPECT_CLEAR, which may be taken for the same, as may @clear_is_outside be ignored. Otherwise
 * it returns another answer, or INSPECT_UNSEEN for a thread that could not be looked at, and
 * inspection->comm and inspection->pid tell which thread that was. kernel/inspect.h has the whole
 * contract.
 */
enum inspect_result inspect_threads(struct inspection *inspection);
/* For look(): finds the bounds of @task's stack. Returns false if @sp is not on it. */
bool arch_stack_bounds(const struct task_struct *task, unsigned long sp, unsigned long *low,
		       unsigned long *high);
/*
 * For look(): the function that @task was created for, until it has returned from there; then 0. A
 * thread that has not begun has no trace of that function on its stack.
 */
static inline unsigned long task_function(const struct task_struct *task);
/*
 * For look(): walk the frames of @task, from where it stands (@regs is NULL) to the caller of each.
 * step returns false at the end, or where the stack makes no sense. The port's
 * ftrace_is_trampoline() knows which addresses are in trampolines. kernel/unwind.h has struct
 * unwind_state; the tracer reads pc, resume, gap_start, gap_end and at_end.
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
	defined(assert_irqs_off) && defined(assert_preempt_off) && \
	defined(EXECMEM_START) && defined(GFP_KERNEL) && defined(HARDIRQ_MASK) && \
	defined(KSYM_NAME_LEN) && defined(NMI_MASK) && defined(NR_CPUS) && \
	defined(NSEC_PER_MSEC) && defined(NSEC_PER_SEC) && defined(NSEC_PER_USEC) && \
	defined(PREEMPT_OFFSET) && defined(SOFTIRQ_MASK) && defined(current) && \
	defined(for_each_online_cpu) && defined(lockdep_assert_held) && defined(might_sleep) && \
	defined(pr_err) && defined(pr_info) && defined(pr_warn) && defined(preempt_count))
#error "kernel/trace_needs.h does not define every macro that trace/kernel.h asks for"
#endif
