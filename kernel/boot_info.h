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
#define BOOT_MAX_PROBLEMS 8

struct boot_range {
	phys_addr_t start, size;
};

struct boot_module {
	phys_addr_t start, size;
	char name[64];		/* its command line's first word; "initrd" on arm64 */
};

#define BOOT_SPCR_SIZE 58	/* bytes of ACPI's table about the console that are looked at */

/* The console's UART, which is a PL011 or a 16550, and how its registers are reached (arm64). */
struct boot_uart {
	phys_addr_t base;	/* 0: none found */
	u32 irq;
	const char *source;	/* who says so, in words */
	bool is_16550;
	/* Of a 16550: from one register to the next are 1 << shift bytes; one is read by width. */
	u8 shift, width;
};

/* Devices found in the device tree (arm64); zero elsewhere. */
struct boot_devices {
	struct boot_uart uart;
	u32 gic_version;	/* 2 or 3; 0 = none found */
	phys_addr_t gicd_base, gicc_base, gicr_base;
	u64 gicr_size;
	u32 timer_irq;		/* virtual timer, as an interrupt number */
	bool psci, psci_smc;	/* PSCI was found; it is called by SMC, not by HVC */
	unsigned int nr_cpus;
	u64 cpus[BOOT_MAX_CPUS];	/* their affinity fields, as in MPIDR_EL1 */
	phys_addr_t spin[BOOT_MAX_CPUS];	/* where each waits for an address; 0: PSCI */
};

struct boot_info {
	char cmdline[BOOT_CMDLINE_SIZE];	/* without the kernel's file name */
	char loader[32];
	unsigned int nr_memory, nr_reserved, nr_modules;
	struct boot_range memory[BOOT_MAX_RANGES];	/* RAM */
	struct boot_range reserved[BOOT_MAX_RANGES];	/* in use: image, modules, boot data */
	struct boot_module modules[BOOT_MAX_MODULES];
	struct boot_devices dev;
	/* ACPI's root pointer, if the loader passes a copy of it (i386, by UEFI). */
	u8 acpi_rsdp[36];
	unsigned int acpi_rsdp_size;	/* 0: none */
	/*
	 * One message for each malformed part, and how it was handled; logged, then boot goes on.
	 */
	const char *problems[BOOT_MAX_PROBLEMS];
	unsigned int nr_problems;
};

extern struct boot_info boot_info;

/*
 * Add @problem, a string constant, to @info's messages, unless it is there already or there are
 * BOOT_MAX_PROBLEMS of them.
 */
void boot_problem(struct boot_info *info, const char *problem);
/* Do the two ranges share a byte? Either may reach to the end of the address space. */
bool boot_ranges_overlap(phys_addr_t a, phys_addr_t a_size, phys_addr_t b, phys_addr_t b_size);
/* Does one range of RAM contain all of [start, start + size)? */
bool boot_is_memory(const struct boot_info *info, phys_addr_t start, phys_addr_t size);

/*
 * Copy the value of NAME=VALUE on the command line to @buf, without quotes and cut to @size; NAME
 * alone gives "". Returns false if NAME is not there.
 */
bool boot_param_value(const char *name, char *buf, size_t size);

/*
 * A file that reads parameter NAME declares it with BOOT_PARAM(NAME) at file scope; without that,
 * boot_param(NAME, ...) does not compile. boot_report_unknown_words() reports the words of the
 * command line that no file has declared.
 */
#define BOOT_PARAM(name)							\
	static const char boot_param_##name[] = #name;				\
	static const char *const boot_param_entry_##name __used			\
	__section(".boot_params") = boot_param_##name
#define boot_param(name, buf, size) boot_param_value(boot_param_##name, buf, size)

/*
 * Read NAME=NUMBER. If the number is within [@min, @max], store it in *@value and return true. If
 * NAME is absent, return false. If its value is anything else, log that *@value, which keeps its
 * default, is used instead, and return false.
 */
bool boot_param_number(const char *name, long min, long max, long *value);
/* The same for a switch: NAME=1 or NAME alone turns it on, NAME=0 turns it off. */
bool boot_param_flag(const char *name, bool *value);
/*
 * The first word of the command line at or after @s, with its length in *@len; NULL if there is
 * none. Blanks within double quotes belong to the word.
 */
const char *boot_next_word(const char *s, size_t *len);
/* Report all words of the command line that no part of this kernel has declared. */
void boot_report_unknown_words(void);

void kernel_main(void) __attribute__((noreturn));
