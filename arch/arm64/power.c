/* SPDX-License-Identifier: MIT */
/*
 * Calls of the firmware (PSCI, Arm DEN0022), and the end: with semihosting, QEMU exits with our
 * status; without, the firmware turns the machine off, and the status is lost. Untraced: reports
 * end here.
 */
#include <asm/arch.h>
#include "arch/arm64/arm64.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"

#define PSCI_SYSTEM_OFF 0x84000008
#define PSCI_SYSTEM_RESET 0x84000009
#define SYS_EXIT_EXTENDED 0x20
#define ADP_STOPPED_APPLICATION_EXIT 0x20026

#define PSCI_NOT_SUPPORTED (-1l)

/* What firmware may change (SMC Calling Convention, Arm DEN0028, section 2.6). */
#define FIRMWARE_CLOBBERS "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", \
			  "x14", "x15", "x16", "x17", "memory"

/* A device tree may claim firmware that is not there. Then the instruction is undefined: -1. */
#define CALL_FIRMWARE(insn)						\
	__asm__ volatile("1:	" insn "	#0\n"			\
			 "	b	3f\n"				\
			 "2:	mov	x0, #-1\n"			\
			 "3:\n"						\
			 EX_TABLE("1b", "2b")				\
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : FIRMWARE_CLOBBERS)

long arm64_psci_call(u32 function, u64 arg1, u64 arg2, u64 arg3)
{
	register u64 x0 __asm__("x0") = function;
	register u64 x1 __asm__("x1") = arg1;
	register u64 x2 __asm__("x2") = arg2;
	register u64 x3 __asm__("x3") = arg3;

	if (!boot_info.dev.psci)
		return PSCI_NOT_SUPPORTED;
	if (boot_info.dev.psci_smc)
		CALL_FIRMWARE("smc");
	else
		CALL_FIRMWARE("hvc");
	/* The answer is a signed number of 32 bits; the upper half may be anything. */
	return (s32)x0;
}

void arch_end_at_once(int status)
{
	const u64 block[2] = { ADP_STOPPED_APPLICATION_EXIT, (u64)(unsigned int)status };

	if (arm64_semihosting())
		arm64_semihosting_call(SYS_EXIT_EXTENDED, block);
	arm64_psci_call(PSCI_SYSTEM_OFF, 0, 0, 0);
	arch_halt();
}

void arch_poweroff(int status)
{
	arm64_log_flush();
	arch_end_at_once(status);
}

void arch_reboot(void)
{
	arm64_log_flush();
	arm64_psci_call(PSCI_SYSTEM_RESET, 0, 0, 0);
	arch_halt();
}

/* Logs nothing, because the CPU that stopped this one may be in the middle of a line. */
void arch_halt(void)
{
	arch_irq_disable();
	for (;;)
		__asm__ volatile("wfi");
}
