/* SPDX-License-Identifier: MIT */
/*
 * The ends of the machine. The exit status reaches QEMU through isa-debug-exit,
 * which exits with (value << 1) | 1:
 *
 *	status 0      value 0x10               QEMU exits with 33
 *	status s > 0  value 0x20 + min(s, 95)  QEMU exits with 65 + 2 * min(s, 95)
 *
 * so that no status is one that QEMU gives for its own reasons. Untraced: reports end here.
 */
#include "arch/i386/i386.h"
#include "kernel/arch.h"
#include <asm/io.h>

#define DEBUG_EXIT 0xf4
#define EXIT_SUCCESS_VALUE 0x10
#define EXIT_FAILURE_VALUE 0x20
#define EXIT_STATUS_MAX 0x5f

#define PM1A_CONTROL 0x604		/* of QEMU's pc machines */
#define PM1A_SLEEP_S5 0x2000

#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_BUSY 0x02
#define KEYBOARD_RESET 0xfe
#define KEYBOARD_TRIES 100000

void arch_halt(void)
{
	arch_irq_disable();
	for (;;)
		__asm__ volatile("hlt");
}

static u8 exit_value(int status)
{
	if (!status)
		return EXIT_SUCCESS_VALUE;
	return (u8)(EXIT_FAILURE_VALUE +
		    (status > 0 && status < EXIT_STATUS_MAX ? status : EXIT_STATUS_MAX));
}

void arch_poweroff(int status)
{
	arch_irq_disable();
	i386_uart_drain();
	outb(DEBUG_EXIT, exit_value(status));
	outw(PM1A_CONTROL, PM1A_SLEEP_S5);
	arch_halt();
}

/* Without vectors an exception is a triple fault, which resets any PC. */
static __noreturn void triple_fault(void)
{
	struct {
		u16 limit;
		u32 base;
	} __packed no_idt = { 0, 0 };

	__asm__ volatile("lidt %0\n\tint3" : : "m"(no_idt));
	arch_halt();
}

void arch_end_at_once(int status)
{
	outb(DEBUG_EXIT, exit_value(status));
	triple_fault();
}

/* The keyboard controller's reset line; if there is none, a triple fault resets any PC. */
void arch_reboot(void)
{
	unsigned int i;

	arch_irq_disable();
	i386_uart_drain();
	for (i = 0; i < KEYBOARD_TRIES && inb(KEYBOARD_COMMAND) & KEYBOARD_BUSY; i++)
		arch_cpu_relax();
	outb(KEYBOARD_COMMAND, KEYBOARD_RESET);
	for (i = 0; i < KEYBOARD_TRIES; i++)
		inb(KEYBOARD_COMMAND);
	triple_fault();
}
