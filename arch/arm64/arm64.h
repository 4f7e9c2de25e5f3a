/* SPDX-License-Identifier: MIT */
/* What the port's own files share with each other; nothing outside arch/arm64 includes it. */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"
#include <asm/extable.h>

struct arm64_cpu;
struct boot_info;
struct pt_regs;

/* What arch_switch_to() leaves on a stack. */
struct switch_frame {
	unsigned long fp, lr;
	unsigned long regs[10];		/* x19-x28 */
};
void arm64_thread_start(void);

/* What `state` in ftrace_macros.h tells ftrace.c, and where the unwinder finds what in which. */
enum trampoline_state {
	AT_ENTRY, IN_PARENT_RECORD, IN_RECORDS, LEAVING, SWAPPING, AT_MCOUNT,
	AT_RETURN, IN_RETURN, RETURNED,
};

/* entry.S calls these. */
void arm64_irq(struct pt_regs *regs);
void arm64_sync(struct pt_regs *regs, unsigned long esr, unsigned long far);
void arm64_bad_stack(struct pt_regs *regs, unsigned long esr, unsigned long far) __noreturn;
void arm64_bad_exception(struct pt_regs *regs, unsigned int vector, unsigned long esr)
	__noreturn;
/* boot.S calls this; @el is where the loader started us. */
void arm64_boot(phys_addr_t dtb, unsigned int el) __noreturn;
/*
 * boot.S: the firmware starts other CPUs here, with the CPU's number in x0. They go on in
 * arm64_secondary_main().
 */
void arm64_secondary_entry(void);
void arm64_secondary_main(unsigned int cpu) __noreturn;
/* boot.S: CPUs of a spin table start here, and find their number in arm64_spin_cpus. */
void arm64_spin_entry(void);

/* --- spin_table.c --- */
/* Let the CPU go that waits for an address at @release. -EINVAL: nobody can wait there. */
int arm64_spin_start(phys_addr_t release, u64 mpidr, unsigned int cpu);

/* --- irq.c, timer.c --- */
/* Find @cpu's own part of the interrupt controller, by its mpidr. False: it gets no interrupts. */
bool arm64_irq_prepare_cpu(struct arm64_cpu *cpu);
/* Set up the running CPU's own part of the interrupt controller, and let IPI_NMI through. */
void arm64_irq_init_cpu(void);
/* Start the running CPU's tick. */
void arm64_timer_start(void);
/* Send interrupt @sgi, 0-15, to @cpu. Any context. */
void arm64_send_sgi(const struct arm64_cpu *cpu, unsigned int sgi);

/* --- nmi.c --- */
/* True: interrupts are masked by priority, so that those of a higher one still come. */
extern bool arm64_pseudo_nmi;
void arm64_use_pseudo_nmi(void);
/* With pseudo-NMIs: switch interrupts off by priority, and leave DAIF.I clear. */
void arm64_irqs_off(void);
/*
 * Were interrupts on where the exception came? It asks both masks, and so must be called before
 * arm64_exception_enter().
 */
bool arm64_irqs_were_on(const struct pt_regs *regs);
/*
 * These enclose what an exception does, in which interrupts are off for whoever asks, by priority
 * too. What enter returns is handed to exit. Between the two, may_switch sets the masks as they
 * must be when threads are switched.
 */
u64 arm64_exception_enter(void);
void arm64_exception_may_switch(void);
void arm64_exception_exit(u64 mask);

/* --- power.c --- */
/* Returns the firmware's answer; a negative one is a PSCI error code. -1: there is no firmware. */
long arm64_psci_call(u32 function, u64 arg1, u64 arg2, u64 arg3);

/* --- mmu.c --- */
/*
 * Where the kernel reaches the RAM at @pa now: at its place in the image, or in the direct map.
 * Init memory moves from there to here when arch_mmu_seal() has taken it out of the image.
 */
void *arm64_reach(phys_addr_t pa);
/* Unmap the window to the device tree, which nobody needs once it is parsed. */
void arm64_unmap_dtb(void);

/* --- direct_map.c --- */
/* Boot: map the RAM of @info but the image. What cannot be mapped leaves @info. */
void arm64_map_ram(struct boot_info *info);

/* --- ioremap.c --- */
/* Map the registers of a device, for good. NULL when out of room. */
void *arm64_map_device(phys_addr_t pa, size_t size);
/* Is there anything behind this register? The device tree may be wrong. False for NULL. */
bool arm64_device_answers(const void *base, size_t offset);

/* --- text.c --- */
/*
 * Instructions in [start, end) are fetched as they were written (Arm ARM B2.4.4). Any context.
 */
void arm64_sync_icache(unsigned long start, unsigned long end);

/* --- uart.c --- */
void arm64_uart_init(const struct boot_info *info);
void arm64_uart_putc(char c);

/* --- log.c --- */
/* Was `semihosting` given? Then the log and the exit status may go that way. */
bool arm64_semihosting(void);
unsigned long arm64_semihosting_call(unsigned long operation, const void *argument);
/* Write out what has been collected of a line that has no end yet. */
void arm64_log_flush(void);

extern char overflow_stacks[];

/* --- ftrace.c, for unwind.c; any context, untraced --- */
/*
 * If @regs was interrupted inside a trampoline or stub, store the address where the traced function
 * resumes (0 if it has returned), its return address, perhaps a hidden one, and its caller's frame
 * pointer. Returns false if @regs is elsewhere.
 */
bool ftrace_unwind_regs(const struct pt_regs *regs, unsigned long *ip, unsigned long *parent_ip,
			unsigned long *fp);
/* Is @pc inside the return trampoline, for a traced function that has returned? */
bool arm64_in_return_trampoline(unsigned long pc);

/* Plain loads and stores, which a hypervisor can emulate. */
static __always_inline u32 mmio_read(const volatile void *base, size_t offset)
{
	u32 value;

	__asm__ volatile("ldr %w0, [%1]" : "=r"(value)
			 : "r"((const volatile char *)base + offset) : "memory");
	return value;
}

static __always_inline void mmio_write(volatile void *base, size_t offset, u32 value)
{
	__asm__ volatile("str %w0, [%1]" : : "rZ"(value), "r"((volatile char *)base + offset)
			 : "memory");
}
