/* SPDX-License-Identifier: MIT */
/* Naming the processor, from MIDR_EL1 (Arm ARM D17.2.99). */
#include <asm/arch.h>
#include "kernel/arch.h"
#include "kernel/printk.h"

static const struct {
	unsigned int implementer, part;
	const char *name;
} cpu_names[] = {
	{ 0x00, 0x051, "QEMU max" },
	{ 0x41, 0xd03, "ARM Cortex-A53" },
	{ 0x41, 0xd04, "ARM Cortex-A35" },
	{ 0x41, 0xd05, "ARM Cortex-A55" },
	{ 0x41, 0xd07, "ARM Cortex-A57" },
	{ 0x41, 0xd08, "ARM Cortex-A72" },
	{ 0x41, 0xd0b, "ARM Cortex-A76" },
	{ 0x41, 0xd0c, "ARM Neoverse N1" },
	{ 0x46, 0x001, "Fujitsu A64FX" },
};

int arch_cpu_describe(char *buf, size_t size)
{
	u64 midr = read_sysreg(midr_el1);
	unsigned int implementer = midr >> 24 & 0xff, part = midr >> 4 & 0xfff;
	const char *name = "unknown processor";

	for (unsigned int i = 0; i < ARRAY_SIZE(cpu_names); i++) {
		if (cpu_names[i].implementer == implementer && cpu_names[i].part == part)
			name = cpu_names[i].name;
	}
	return scnprintf(buf, size, "%s r%up%u (MIDR 0x%08x), counter at %u kHz", name,
			 (unsigned int)(midr >> 20 & 0xf), (unsigned int)(midr & 0xf),
			 (unsigned int)midr, (unsigned int)(arch_clock_hz() / 1000));
}
