/* SPDX-License-Identifier: MIT */
/*
 * The types, macros and inline functions that trace/kernel.h asks for, of the smallest kernel that
 * there is: a program of the C library, with one CPU, one thread, and no interrupts. It is an
 * example for other kernels: nothing of Patchbay's own kernel is in it, except for the library in
 * the first group of trace/kernel.h.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/glob.h"
#include "kernel/lib/list.h"
#include "kernel/lib/sort.h"
#include "kernel/lib/string.h"
#include "kernel/types.h"

/* --- Memory --- */

#define GFP_KERNEL 0u

struct mm_stats {
	unsigned long total_pages, free_pages;
};

extern char embed_execmem[PAGE_SIZE];
#define EXECMEM_START ((unsigned long)embed_execmem)
#define EXECMEM_END (EXECMEM_START + PAGE_SIZE)

/* --- The running thread --- */

#define PREEMPT_OFFSET 0x1u
#define SOFTIRQ_MASK 0xff00u
#define HARDIRQ_MASK 0xf0000u
#define NMI_MASK 0xf00000u

struct task_struct {
	unsigned int preempt_count, trace_recursion;
	bool need_resched;
};
extern struct task_struct embed_thread;
#define current (&embed_thread)
#define preempt_count() READ_ONCE(current->preempt_count)

void preempt_schedule(void);

static __always_inline void preempt_disable_notrace(void)
{
	current->preempt_count += PREEMPT_OFFSET;
	barrier();
}

static __always_inline void preempt_enable_notrace(void)
{
	barrier();
	current->preempt_count -= PREEMPT_OFFSET;
	if (unlikely(current->need_resched))
		preempt_schedule();
}

/* --- Locks: with one thread they only tell whether they are held --- */

struct mutex {
	bool locked;
};
typedef struct {
	bool locked;
} spinlock_t;

#define DEFINE_MUTEX(name) struct mutex name = { false }

static __always_inline void spin_lock_init(spinlock_t *lock)
{
	lock->locked = false;
}

static __always_inline void spin_lock(spinlock_t *lock)
{
	preempt_disable_notrace();
	lock->locked = true;
}

static __always_inline bool spin_trylock(spinlock_t *lock)
{
	if (lock->locked)
		return false;
	spin_lock(lock);
	return true;
}

static __always_inline void spin_unlock(spinlock_t *lock)
{
	lock->locked = false;
	preempt_enable_notrace();
}

#define lockdep_assert_held(lock) BUG_ON(!(lock)->locked)
#define might_sleep() BUG_ON(preempt_count())
#define assert_irqs_off() do { } while (0)
#define assert_preempt_off() do { } while (0)

/* --- CPUs and interrupts --- */

#define NR_CPUS 1
#define for_each_online_cpu(cpu) for ((cpu) = 0; (cpu) < NR_CPUS; (cpu)++)

static __always_inline unsigned int smp_processor_id(void)
{
	return 0;
}

static __always_inline unsigned long arch_irq_save(void)
{
	return 0;
}

static __always_inline void arch_irq_restore(unsigned long flags)
{
}

static __always_inline void arch_cpu_relax(void)
{
}

static __always_inline void smp_mb(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* --- Time: the counter counts its own readings, of 2.5 ns each --- */

#define NSEC_PER_SEC 1000000000ull
#define NSEC_PER_MSEC 1000000ull
#define NSEC_PER_USEC 1000ull

struct kernel_clock {
	u32 whole, fraction;
};
extern u64 embed_cycles;

static __always_inline u64 arch_clock_cycles(void)
{
	return ++embed_cycles;
}

static __always_inline u64 clock_cycles_to_ns(u64 cycles)
{
	return cycles * 2 + cycles / 2;
}

/* --- Symbols --- */

#define KSYM_NAME_LEN 64

struct ksym {
	const char *name, *module;
	unsigned long size, offset;
};
struct ksym_range {
	unsigned long start, size;
	const char *name;
};

/* --- Messages --- */

void embed_log(const char *fmt, ...);
void embed_bug(const char *what) __noreturn;
#define pr_err(fmt, args...) embed_log(fmt, ##args)
#define pr_warn(fmt, args...) embed_log(fmt, ##args)
#define pr_info(fmt, args...) embed_log(fmt, ##args)
#define BUG_ON(cond) do { if (unlikely(cond)) embed_bug(#cond); } while (0)

/* --- Where threads stand: there is only the one that asks --- */

enum inspect_result {
	INSPECT_OUTSIDE, INSPECT_CLEAR, INSPECT_INSIDE, INSPECT_UNCLEAR, INSPECT_UNSEEN
};

struct inspection {
	enum inspect_result (*look)(struct task_struct *task, unsigned long sp, void *arg);
	void *arg;
	bool clear_is_outside;
	char comm[16];
	int pid;
};

static __always_inline unsigned long task_function(const struct task_struct *task)
{
	return 0;
}

struct pt_regs;
struct unwind_state {
	unsigned long pc, resume, gap_start, gap_end;
	bool at_end;
};
