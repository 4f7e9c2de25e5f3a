/* SPDX-License-Identifier: MIT */
/*
 * What the kernel needs from an architecture: every name that a port supplies to kernel/, and
 * nothing else; the tracer's needs are in trace/arch.h. The groups stand in the order in which a
 * port is written, and docs/porting.md walks through it file by file.
 *
 * Functions that are declared `static inline` have no body here: <asm/arch.h> or <asm/memory.h>
 * defines them, and the build stops where one is forgotten. What is marked optional need not be
 * there: kernel/arch_default.c has what happens then.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

struct boot_info;
struct jump_key;
struct module_elf;
struct pt_regs;
struct task_struct;
struct unwind_state;

/* --- The image: arch/ARCH/kernel.lds.S --- */
/*
 * All of it, and its text but for that of start-up; start-up code and data, which are given back
 * when boot is over, and the text in there; constants. Each begins and ends with a page.
 */
extern char _text[], _end[], _etext[];
extern char _stext[];			/* what Linux calls _text in the formats of events */
extern char __init_begin[], __init_end[], _sinittext[], _einittext[];
extern char __start_rodata[], __end_rodata[];
/* The text of KASAN's or KCSAN's checks, which may be empty. It need not begin with a page. */
extern char __checks_text_start[], __checks_text_end[];

/*
 * --- The address space: <asm/memory.h>, constants for C, assembly and the linker script ---
 *
 * VMAP_START, VMAP_END		vmalloc, thread stacks, trace buffers: mapped page by page
 * EXECMEM_START, EXECMEM_END	stubs and modules' text: all within a branch's reach of the image
 * MODDATA_START, MODDATA_END	modules' data: within reach of their text
 * DIRECT_MAP_SIZE		how much of physical memory phys_to_virt() can reach at most
 * ARCH_INSN_ALIGN		every instruction's address is a multiple of this
 * KASAN_SHADOW_OFFSET		an eighth of an address and this is its shadow: only for KASAN
 * EXECMEM_FILL			what unused execmem holds: a word that traps when it is executed
 */
/* RAM that the allocators own, and back. From the image too; any context. */
static inline void *phys_to_virt(phys_addr_t pa);
static inline phys_addr_t virt_to_phys(const void *va);

/*
 * --- Boot: boot.S, boot.c, and in each group the function that kernel_main() calls once ---
 *
 * The port's entry code builds the first page tables, parses the boot data into
 * a struct boot_info, and calls kernel_main() on the boot stack with
 * interrupts off. kernel_main() then calls arch_set_current(), arch_log_init(),
 * arch_cpu_describe(), arch_trap_init(), arch_mmu_init(), arch_irq_init(), arch_timer_init() and
 * arch_console_init() in this order, and turns interrupts on.
 */

/* --- The log and the console: log.c, uart.c --- */
/* From here on arch_log_putc() works. */
void arch_log_init(const struct boot_info *info);
void arch_log_putc(char c);		/* polled, any context, untraced */
/* The console's UART announces what it receives by an interrupt. Needs irq_register(). */
void arch_console_init(const struct boot_info *info);
void arch_console_putc(char c);		/* polled, any context */
/* Receive again, after console_input() wanted no more; what waits in the UART comes at once. */
void arch_console_resume(void);

/* --- The end: power.c; untraced, as all that reports use --- */
void arch_poweroff(int status) __noreturn;	/* @status reaches QEMU's exit status */
/*
 * The same by the shortest way, when reporting a fault has failed: no log, no memory that may be
 * bad.
 */
void arch_end_at_once(int status) __noreturn;
void arch_reboot(void) __noreturn;
void arch_halt(void) __noreturn;		/* this CPU alone, with interrupts off */

/* --- The processor: cpu.c, <asm/arch.h> --- */
/* One line about the processor for /proc/cpuinfo and the boot log. */
int arch_cpu_describe(char *buf, size_t size);
static inline unsigned int smp_processor_id(void);
static inline struct task_struct *get_current(void);
/* From now on get_current() on this CPU is @task. Interrupts off. */
void arch_set_current(struct task_struct *task);
static inline void arch_cpu_relax(void);		/* in a spin loop */
static inline void smp_mb(void);			/* full barrier between CPUs */
/* A serialising instruction, an ISB: what is fetched from now on is what memory holds now. */
static inline void arch_sync_core(void);

/* --- Exceptions: entry.S, trap.c, regs.S, <asm/ptrace.h> --- */
/* Exception vectors, per-CPU registers. printk works. */
void arch_trap_init(void);
/* Read memory that may be unmapped: 0 or -EFAULT, never a panic. Any context. */
int arch_read_nofault(void *dst, const void *src, size_t len);
/* The byte at @addr; 0 if there is none. Any context; inline, for KASAN does it all the time. */
static inline u8 arch_load_nofault(const u8 *addr);
/* All that a report tells of registers, to the log. Any context, untraced. */
void arch_show_regs(const struct pt_regs *regs);
/* The caller's registers, as far as a call leaves them. Any context, untraced. */
void arch_save_regs(struct pt_regs *regs);
static inline unsigned long instruction_pointer(const struct pt_regs *regs);
static inline unsigned long frame_pointer(const struct pt_regs *regs);
static inline unsigned long kernel_stack_pointer(const struct pt_regs *regs);
/* For clients: the result, when @regs are those behind a function's return. */
static inline unsigned long regs_return_value(const struct pt_regs *regs);
/*
 * Stepping: where it is set, called after each instruction that ran with the machine's single-step
 * flag on, as an exception handler. Whoever sets it turns the flag on and off. Untraced. It returns
 * true if it, or an NMI that came meanwhile, may have recorded an event: if what was stepped is the
 * function tracer's sequence, that starts again then. Always true would step for ever there.
 */
extern bool (*arch_step_hook)(struct pt_regs *regs);

/* --- Interrupts: irq.c, <asm/arch.h> --- */
/* The interrupt controller, every line masked. */
void arch_irq_init(const struct boot_info *info);
/*
 * Called by kernel/irq.c with its lock held and interrupts off, and by the port for lines that are
 * its own.
 */
void arch_irq_unmask(unsigned int irq);
void arch_irq_mask(unsigned int irq);
static inline unsigned long arch_irq_save(void);	/* off; returns the old state */
static inline void arch_irq_restore(unsigned long flags);
static inline void arch_irq_enable(void);
static inline void arch_irq_disable(void);
static inline bool arch_irqs_disabled(void);
static inline bool arch_irqs_disabled_flags(unsigned long flags);	/* of arch_irq_save() */
/* Wait for an interrupt. Called and returns with interrupts off; wakes even if one is pending. */
static inline void arch_idle(void);

/* --- Time: timer.c, <asm/arch.h> --- */
/* The tick: time_tick() @hz times a second, as an interrupt handler. Needs irq_register(). */
void arch_timer_init(const struct boot_info *info, unsigned int hz);
/* A counter that never stops or jumps; and its frequency, known after arch_trap_init(). */
static inline u64 arch_clock_cycles(void);
u64 arch_clock_hz(void);

/* --- Threads: switch.S, thread.c, <asm/arch.h> --- */
/* Prepare @task's stack so that the first switch to it calls kthread_entry(). */
void arch_thread_init(struct task_struct *task);
/* Switch from @prev to @next, interrupts off; returns the task switched from. Untraced. */
struct task_struct *arch_switch_to(struct task_struct *prev, struct task_struct *next);
/* Are interrupts off as they must be while threads are switched? Asserted on both sides. */
static inline bool arch_may_switch(void);
/* Saved stack pointer of a task that is not running. */
unsigned long arch_task_stack_pointer(const struct task_struct *task);
/* The bounds of @task's own stack; false if @sp is not on it. Any context, untraced. */
bool arch_stack_bounds(const struct task_struct *task, unsigned long sp, unsigned long *low,
		       unsigned long *high);

/* --- Memory: mmu.c, ptdump.c; text in text.c and arch/common/text.c --- */
#define PROT_READ_ONLY 0u
#define PROT_WRITE 1u		/* read-write, never executable */
#define PROT_EXEC 2u		/* read-only, executable */
/* Final page tables with W^X; needs the page allocator. */
void arch_mmu_init(const struct boot_info *info);
/*
 * Boot is over: .data..ro_after_init becomes read-only; init text and data become plain
 * read-write memory of the direct map, which the caller gives to the page allocator next. An
 * error: there is no memory for that, and init memory is nobody's.
 */
int arch_mmu_seal(void) __must_check;
/* Map one page of kernel space. 0, -ENOMEM, -EBUSY. */
int arch_map_page(unsigned long va, phys_addr_t pa, unsigned int prot);
/* Unmap one. Other CPUs may use it until arch_flush_tlbs(). */
void arch_unmap_page(unsigned long va);
/*
 * No CPU knows of a mapping that was changed before. Interrupts on, as for smp_call_function().
 * Optional: arch_unmap_page() may have told all CPUs already.
 */
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

/* --- Unwinding: unwind.c; any context, untraced --- */
/* Start at @regs, or at the caller (regs NULL, task current), or at a switched-out @task. */
void arch_unwind_start(struct unwind_state *state, const struct task_struct *task,
		       const struct pt_regs *regs);
/* Go to the caller's frame; false at the end or when the stack makes no sense. */
bool arch_unwind_step(struct unwind_state *state);
/* Does a function's code in [@start, @pc) set up a frame record? @start is a symbol. */
bool arch_makes_frame(unsigned long start, unsigned long pc);

/* --- Other CPUs: smp.c; see kernel/smp.h --- */
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
 * arch_has_nmi().
 */
void arch_send_ipi(unsigned int cpu, enum ipi_kind kind);
/* Known once arch_smp_count() was called. */
bool arch_has_nmi(void);

/*
 * --- Modules: reloc.c, and what their files are: <asm/elf.h> ---
 *
 * ELF_CLASS, ELF_MACHINE	as in the ELF header
 * ELF_MACHINE_NAME		for messages
 * ELF_HAS_VENEERS		0: branches reach from execmem to all code, wherever it is
 */
/*
 * Apply one relocation of @type for the symbol at @value, to the instruction or word that is in the
 * buffer at @where, with @room bytes up to the end of its section, and will be at address @place.
 * Returns 0, -EINVAL for an unknown type, -ERANGE if the symbol is out of reach, or -ENOEXEC if
 * @room is too small.
 */
int arch_module_relocate(u32 type, u8 *where, size_t room, unsigned long place,
			 unsigned long value, s64 addend);
/*
 * Can a branch of @type that does not reach @target go through a veneer? If so, store the veneer's
 * code, which works at any address that is a multiple of its size. Optional: without it none can.
 */
#define MODULE_VENEER_SIZE 16
bool arch_module_veneer(u32 type, u64 target, u8 veneer[MODULE_VENEER_SIZE]);
/*
 * For hook=mcount with compilers that do not list the sites: is a relocation of @type to @name,
 * which the file does not define, a site? Optional: without it none is.
 */
bool arch_module_site(u32 type, const char *name);
/*
 * Change what a linked module needs changed on this machine; its text is still in a buffer. Returns
 * 0 or -ENOEXEC. Optional: without it nothing depends on the machine.
 */
int arch_module_finish(struct module_elf *elf);

/*
 * --- Jump sites: <asm/arch.h> ---
 *
 * A NOP of FTRACE_INSN_SIZE bytes (trace/arch.h), whose entry in JUMP_SITES (kernel/trace_hooks.h)
 * the port makes. @key is the address of a variable. Returns false; and true while the tracer has
 * made the NOP a jump.
 */
static inline bool arch_jump_site(struct jump_key *key);

#include <asm/arch.h>
#include <asm/memory.h>

#define current get_current()
