/* SPDX-License-Identifier: MIT */
/*
 * The end: with semihosting, QEMU exits with our status; without, the firmware
 * (PSCI, Arm DEN0022) turns the machine off, and the status is lost.
 */
#include <asm/arch.h>
#include "arch/arm64/arm64.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"

#define PSCI_SYSTEM_OFF 0x84000008
#define PSCI_SYSTEM_RESET 0x84000009
#define SYS_EXIT_EXTENDED 0x20
#define ADP_STOPPED_APPLICATION_EXIT 0x20026

/* Comes back only if the firmware does not know the call. */
static void psci_call(unsigned long function)
{
	register unsigned long x0 __asm__("x0") = function;

	if (!boot_info.dev.psci)
		return;
	if (boot_info.dev.psci_smc)
		__asm__ volatile("smc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
	else
		__asm__ volatile("hvc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
}

void arch_poweroff(int status)
{
	const u64 block[2] = { ADP_STOPPED_APPLICATION_EXIT, (u64)(unsigned int)status };

	arm64_log_flush();
	if (arm64_semihosting())
		arm64_semihosting_call(SYS_EXIT_EXTENDED, block);
	psci_call(PSCI_SYSTEM_OFF);
	arch_halt();
}

void arch_reboot(void)
{
	arm64_log_flush();
	psci_call(PSCI_SYSTEM_RESET);
	arch_halt();
}

void arch_halt(void)
{
	arm64_log_flush();
	arch_irq_disable();
	for (;;)
		__asm__ volatile("wfi");
}
