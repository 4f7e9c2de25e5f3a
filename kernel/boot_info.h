/* SPDX-License-Identifier: MIT */
/*
 * What a boot loader tells us, in one form for Multiboot and device tree.
 * Filled by the port's entry code before kernel_main(); constant afterwards.
 */
#pragma once
#include "kernel/types.h"

#define BOOT_MAX_RANGES 32
#define BOOT_MAX_MODULES 4
#define BOOT_MAX_CPUS 64
#define BOOT_CMDLINE_SIZE 2048

struct boot_range {
	phys_addr_t start, size;
};

struct boot_module {
	phys_addr_t start, size;
	char name[64];		/* its command line's first word; "initrd" on arm64 */
};

/* Devices found in the device tree (arm64); zero elsewhere. */
struct boot_devices {
	phys_addr_t uart_base;
	u32 uart_irq;
	u32 gic_version;	/* 2 or 3; 0 = none found */
	phys_addr_t gicd_base, gicc_base, gicr_base;
	u64 gicr_size;
	u32 timer_irq;		/* virtual timer, as an interrupt number */
	bool psci, psci_smc;	/* found; by SMC rather than HVC */
	unsigned int nr_cpus;
	u64 cpus[BOOT_MAX_CPUS];	/* their affinity fields, as in MPIDR_EL1 */
};

struct boot_info {
	char cmdline[BOOT_CMDLINE_SIZE];	/* without the kernel's file name */
	char loader[32];
	unsigned int nr_memory, nr_reserved, nr_modules;
	struct boot_range memory[BOOT_MAX_RANGES];	/* RAM */
	struct boot_range reserved[BOOT_MAX_RANGES];	/* in use: image, modules, boot data */
	struct boot_module modules[BOOT_MAX_MODULES];
	struct boot_devices dev;
	const char *problem;	/* first thing that was malformed, or NULL; logged, boot goes on */
};

extern struct boot_info boot_info;

/* Note what is wrong with the boot data; what was noted first stays. */
static inline void boot_problem(struct boot_info *info, const char *problem)
{
	if (!info->problem)
		info->problem = problem;
}

/* Value of NAME=VALUE on the command line into @buf; false if absent. "NAME" alone gives "". */
bool boot_param(const char *name, char *buf, size_t size);

void kernel_main(void) __attribute__((noreturn));
