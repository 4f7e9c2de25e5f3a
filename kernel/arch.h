/* SPDX-License-Identifier: MIT */
/*
 * What the kernel needs from an architecture: every name that a port supplies
 * to kernel/, and nothing else. The tracer's needs are in trace/arch.h.
 * Inline ones are declared here without a body and defined by the port's
 * <asm/arch.h>, so that forgetting one stops the build. docs/porting.md walks
 * a port file by file.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

struct boot_info;
struct module_elf;
struct pt_regs;
struct task_struct;
struct unwind_state;

/*
 * --- Boot (arch/ARCH/boot.c) ---
 * The port's entry code builds the first page tables, parses the boot data into
 * a struct boot_info, and calls kernel_main() on the boot stack with
 * interrupts off. Everything below is then called in this order by kernel_main.
 */
/* Log channel usable from here on. First thing called. */
void arch_log_init(const struct boot_info *info);
/* Exception vectors, per-CPU registers. printk works. */
void arch_trap_init(void);
/* Final page tables with W^X; needs the page allocator. */
void arch_mmu_init(const struct boot_info *info);
/* Interrupt controller, console UART receive interrupt, tick timer at @hz; needs irq_register(). */
void arch_irq_init(const struct boot_info *info);
void arch_timer_init(const struct boot_info *info, unsigned int hz);
void arch_console_init(const struct boot_info *info);
/* Receive again, after console_input() wanted no more; what waits in the UART comes at once. */
void arch_console_resume(void);
/*
 * Boot is over: .data..ro_after_init becomes read-only; init text and data become plain
 * read-write memory of the direct map, which the caller gives to the page allocator next. An
 * error: there is no memory for that, and init memory is nobody's.
 */
int arch_mmu_seal(void) __must_check;

/* --- Interrupts and the processor (inline, untraced) --- */
static inline unsigned long arch_irq_save(void);	/* off; returns the old state */
static inline void arch_irq_restore(unsigned long flags);
static inline void arch_irq_enable(void);
static inline void arch_irq_disable(void);
static inline bool arch_irqs_disabled(void);
/*
 * Are interrupts off in the way that they are while threads are switched? Asserted on both sides.
 */
static inline bool arch_may_switch(void);
static inline void arch_cpu_relax(void);		/* in a spin loop */
/* Wait for an interrupt. Called and returns with interrupts off; wakes even if one is pending. */
static inline void arch_idle(void);
static inline unsigned int smp_processor_id(void);
static inline struct task_struct *get_current(void);
/* Cycle counter: TSC or CNTVCT; and its frequency, known after arch_trap_init(). */
static inline u64 arch_clock_cycles(void);
u64 arch_clock_hz(void);
static inline void smp_mb(void);			/* full barrier between CPUs */

/* --- Interrupt controller: called by kernel/irq.c with its lock held --- */
void arch_irq_unmask(unsigned int irq);
void arch_irq_mask(unsigned int irq);

/* --- Threads (arch/ARCH/switch.S, thread.c) --- */
/* Prepare @task's stack so that the first switch to it calls kthread_entry(). */
void arch_thread_init(struct task_struct *task);
/* Switch from @prev to @next, interrupts off; returns the task switched from. Untraced. */
struct task_struct *arch_switch_to(struct task_struct *prev, struct task_struct *next);
/* Per-CPU pointer to current; called by the scheduler around arch_switch_to and at boot. */
void arch_set_current(struct task_struct *task);

/* --- Other CPUs (arch/ARCH/smp.c); see kernel/smp.h --- */
enum ipi_kind { IPI_RESCHEDULE, IPI_CALL, IPI_STOP, IPI_NMI };
/*
 * How many CPUs there are, the running one included; at least 1. Once, at boot, in thread context;
 * says in the log what keeps it from finding others. What it reads is untrusted.
 */
unsigned int arch_smp_count(void);
/*
 * Start the @index-th of them (1 .. count - 1) as CPU @cpu, on @idle's stack. 0, or -errno when it
 * is sure that it does not come; need not wait until it is up. The new CPU calls
 * smp_secondary_main(@cpu) once it has, interrupts off: final page tables, exception vectors,
 * smp_processor_id(), current == @idle, its interrupt controller ready for IPIs, its tick
 * (time_tick() HZ times a second).
 */
int arch_smp_start_cpu(unsigned int index, unsigned int cpu, struct task_struct *idle);
/*
 * Any context. Ends in smp_handle_ipi(@kind) there; IPI_NMI, which may go to the running CPU, in
 * nmi_handle() (kernel/nmi.h). IPI_STOP and IPI_NMI come where interrupts are off too, if
 * arch_has_nmi(), which is known once arch_smp_count() was called.
 */
void arch_send_ipi(unsigned int cpu, enum ipi_kind kind);
bool arch_has_nmi(void);
/* A module is linked, its text still a buffer: make it fit this machine. 0 or -ENOEXEC. */
int arch_module_finish(struct module_elf *elf);
/* A serialising instruction, an ISB: what is fetched from now on is what memory holds now. */
static inline void arch_sync_core(void);

/* --- Page tables --- */
#define PROT_READ_ONLY 0u
#define PROT_WRITE 1u		/* read-write, never executable */
#define PROT_EXEC 2u		/* read-only, executable */
/* Map one page of kernel space. 0, -ENOMEM, -EBUSY. */
int arch_map_page(unsigned long va, phys_addr_t pa, unsigned int prot);
/* Unmap one. Other CPUs may use it until arch_flush_tlbs(). */
void arch_unmap_page(unsigned long va);
/* No CPU knows of a mapping that was changed before. Interrupts on, as for smp_call_function(). */
void arch_flush_tlbs(void);
/*
 * Walk the page tables that this CPU uses: calls @fn for each mapped range. Used by the W^X
 * self-check. @prot as above, plus PROT_WRITE|PROT_EXEC when both are possible. Interrupts off.
 */
void arch_walk_mappings(void (*fn)(unsigned long va, size_t size, unsigned int prot, void *arg),
			void *arg);
/*
 * Write @len bytes of text at @dst (kernel image or execmem) through a temporary writable
 * alias of its page; makes the instruction side coherent. For code that no CPU is running;
 * live code changes go through trace/arch.h. Interrupts may be on. 0 or -EFAULT.
 */
int arch_text_write(void *dst, const void *src, size_t len);
/* Read memory that may be unmapped: 0 or -EFAULT, never a panic. Any context. */
int arch_read_nofault(void *dst, const void *src, size_t len);
/* Write a byte of memory that may not be writable, or not be there: the same. */
int arch_write_nofault(void *dst, char byte);

/* --- Output --- */
void arch_log_putc(char c);		/* log channel, polled, any context */
void arch_console_putc(char c);		/* console UART, polled */

/* --- Exceptions and unwinding (trap.c, unwind.c) --- */
void arch_show_regs(const struct pt_regs *regs);
/* The caller's registers, as far as a call leaves them. Any context, untraced. */
void arch_save_regs(struct pt_regs *regs);
static inline unsigned long instruction_pointer(const struct pt_regs *regs);
static inline unsigned long frame_pointer(const struct pt_regs *regs);
static inline unsigned long kernel_stack_pointer(const struct pt_regs *regs);
/* Start at @regs, or at the caller (regs NULL, task current), or at a switched-out @task. */
void arch_unwind_start(struct unwind_state *state, const struct task_struct *task,
		       const struct pt_regs *regs);
/* Go to the caller's frame; false at the end or when the stack makes no sense. Untraced. */
bool arch_unwind_step(struct unwind_state *state);
/* Does a function's code in [@start, @pc) set up a frame record? @start is a symbol. Untraced. */
bool arch_makes_frame(unsigned long start, unsigned long pc);
/* The bounds of @task's own stack; false if @sp is not on it. Any context, untraced. */
bool arch_stack_bounds(const struct task_struct *task, unsigned long sp, unsigned long *low,
		       unsigned long *high);
/* Saved stack pointer of a task that is not running. */
unsigned long arch_task_stack_pointer(const struct task_struct *task);

/* --- The end: untraced, as all that reports use --- */
void arch_poweroff(int status) __noreturn;	/* @status reaches QEMU's exit status */
/*
 * The same by the shortest way, when reporting a fault has failed: no log, no memory that may be
 * bad.
 */
void arch_end_at_once(int status) __noreturn;
void arch_reboot(void) __noreturn;
void arch_halt(void) __noreturn;		/* this CPU */
/* One line about the processor for /proc/cpuinfo and the boot log. */
int arch_cpu_describe(char *buf, size_t size);

#include <asm/arch.h>

#define current get_current()
