/* SPDX-License-Identifier: MIT */
/* What the boot loader's device tree says. It is not trusted, and need not be there. */
#include <asm/arch.h>
#include <asm/memory.h>
#include "arch/arm64/arm64.h"
#include "arch/arm64/boot.h"
#include "arch/arm64/boot_uart.h"
#include "arch/arm64/pgtable.h"
#include "arch/arm64/sysreg.h"
#include "arch/common/fdt.h"
#include "boot/efi_boot.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/irq.h"
#include "kernel/lib/string.h"

struct tree_walk {
	struct boot_info *info;
	u32 stdout_props;		/* names the node of /chosen/stdout-path; 0: none */
	bool in_reserved_memory, in_cpus;
};

/* The interrupt whose three cells (GIC binding: kind, number, flags) start at @cell. */
static __init bool read_irq(const struct fdt *fdt, const struct fdt_node *node, u32 cell, u32 *irq)
{
	u32 kind, number;

	if (!fdt_prop_cell(fdt, node, "interrupts", cell, &kind) ||
	    !fdt_prop_cell(fdt, node, "interrupts", cell + 1, &number) ||
	    kind > 1 || number >= NR_IRQS - 32)
		return false;
	*irq = number + (kind ? 16 : 32);
	return true;
}

static __init void read_gic(const struct fdt *fdt, const struct fdt_node *node,
			    struct boot_devices *dev, u32 version)
{
	u64 dist, cpu, dist_size, cpu_size;

	if (!fdt_reg(fdt, node, 0, &dist, &dist_size) || !fdt_reg(fdt, node, 1, &cpu, &cpu_size))
		return;
	dev->gic_version = version;
	dev->gicd_base = dist;
	/* Both bindings have the distributor first; what their second range is differs. */
	if (version == 3) {
		dev->gicr_base = cpu;
		dev->gicr_size = cpu_size;
	} else {
		dev->gicc_base = cpu;
	}
}

/* Of several UARTs the one that stdout-path names is used, else the first. */
static __init void read_uart(const struct fdt *fdt, const struct fdt_node *node,
			     const struct tree_walk *walk)
{
	struct boot_devices *dev = &walk->info->dev;
	struct boot_uart uart;

	if (dev->uart.base && node->props != walk->stdout_props)
		return;
	if (!boot_uart_of_node(fdt, node, &uart)) {
		boot_problem(walk->info, "device tree: a UART without usable registers");
		return;
	}
	if (!read_irq(fdt, node, 0, &uart.irq))
		boot_problem(walk->info, "device tree: the UART has no interrupt");
	dev->uart = uart;
}

static __init void read_psci(const struct fdt *fdt, const struct fdt_node *node,
			     struct boot_devices *dev)
{
	const char *method = fdt_prop_string(fdt, node, "method");

	dev->psci = method && (!strcmp(method, "smc") || !strcmp(method, "hvc"));
	dev->psci_smc = dev->psci && method[0] == 's';
}

/* An address that has other bits than affinity fields belongs to no CPU. */
static __init void read_cpu(const struct fdt *fdt, const struct fdt_node *node,
			    struct boot_info *info)
{
	const char *method = fdt_prop_string(fdt, node, "enable-method");
	struct boot_devices *dev = &info->dev;
	u64 mpidr, size, release = 0;

	if (method && !strcmp(method, "spin-table") &&
	    (!fdt_prop_number(fdt, node, "cpu-release-addr", &release) || !release))
		boot_problem(info, "device tree: a spin table without an address");
	if (!fdt_reg(fdt, node, 0, &mpidr, &size) || mpidr & ~(u64)MPIDR_AFFINITY) {
		boot_problem(info, "device tree: a CPU without a usable address");
	} else if (dev->nr_cpus == BOOT_MAX_CPUS) {
		boot_problem(info, "device tree: too many CPUs");
	} else {
		/* Without an address in a spin table it is left to PSCI. */
		dev->spin[dev->nr_cpus] = release;
		dev->cpus[dev->nr_cpus++] = mpidr;
	}
}

enum { DEVICE_GICV3, DEVICE_GICV2, DEVICE_GIC400, DEVICE_TIMER, DEVICE_PSCI };
static const char *const devices[] __initdata = {
	[DEVICE_GICV3] = "arm,gic-v3",
	[DEVICE_GICV2] = "arm,cortex-a15-gic",
	[DEVICE_GIC400] = "arm,gic-400",
	[DEVICE_TIMER] = "arm,armv8-timer",
	[DEVICE_PSCI] = "arm,psci-0.2",
};

static __init void read_device(const struct fdt *fdt, const struct fdt_node *node,
			       const struct tree_walk *walk)
{
	struct boot_devices *dev = &walk->info->dev;

	if (boot_is_uart(fdt, node)) {
		read_uart(fdt, node, walk);
		return;
	}
	switch (fdt_compatible(fdt, node, devices, ARRAY_SIZE(devices))) {
	case DEVICE_GICV3:
		read_gic(fdt, node, dev, 3);
		break;
	case DEVICE_GICV2:
	case DEVICE_GIC400:
		read_gic(fdt, node, dev, 2);
		break;
	case DEVICE_TIMER:
		read_irq(fdt, node, 2 * 3, &dev->timer_irq);	/* secure, physical, virtual */
		break;
	case DEVICE_PSCI:
		read_psci(fdt, node, dev);
		break;
	}
}

static __init int read_node(const struct fdt *fdt, const struct fdt_node *node, void *arg)
{
	struct tree_walk *walk = arg;
	struct boot_info *info = walk->info;
	const char *type = fdt_prop_string(fdt, node, "device_type");
	bool is_memory = type && !strcmp(type, "memory");
	u64 start, size;

	/* Children follow their parent: these two tell under which node of the root we are. */
	if (node->depth == 1) {
		walk->in_reserved_memory = !strcmp(node->name, "reserved-memory");
		walk->in_cpus = !strcmp(node->name, "cpus");
	}
	if (!fdt_enabled(fdt, node))
		return 0;
	if (walk->in_cpus && node->depth == 2 && type && !strcmp(type, "cpu")) {
		read_cpu(fdt, node, info);
		return 0;
	}
	/* RAM may be described by a node of any depth; reserved ranges are children of one node. */
	if (!is_memory && !(walk->in_reserved_memory && node->depth == 2)) {
		read_device(fdt, node, walk);
		return 0;
	}
	for (u32 i = 0; fdt_reg(fdt, node, i, &start, &size); i++) {
		if (!is_memory)
			arm64_reserve(info, start, size);
		else if (!efi_handoff.nr_memory)
			arm64_add_memory(info, start, size);
	}
	return 0;
}

/* stdout-path is a path, or an alias; a ':' with line settings may follow either. */
static __init u32 find_stdout(const struct fdt *fdt, const struct fdt_node *chosen)
{
	const char *path = fdt_prop_string(fdt, chosen, "stdout-path");
	struct fdt_node node;
	char alias[32];
	size_t len = 0;

	/* What does not begin with a slash is the name of a property of /aliases. */
	if (path && *path != '/') {
		while (path[len] && path[len] != ':' && len < sizeof(alias) - 1) {
			alias[len] = path[len];
			len++;
		}
		alias[len] = '\0';
		path = fdt_find(fdt, "/aliases", &node) ? fdt_prop_string(fdt, &node, alias) : NULL;
	}
	return path && fdt_find(fdt, path, &node) ? node.props : 0;
}

static __init void read_initrd(const struct fdt *fdt, const struct fdt_node *chosen,
			       struct boot_info *info)
{
	u64 start, end;
	u32 len;

	if (!fdt_prop_number(fdt, chosen, "linux,initrd-start", &start) ||
	    !fdt_prop_number(fdt, chosen, "linux,initrd-end", &end)) {
		if (fdt_prop(fdt, chosen, "linux,initrd-start", &len) ||
		    fdt_prop(fdt, chosen, "linux,initrd-end", &len))
			boot_problem(info, "device tree: the initrd has no two ends: not used");
		return;
	}
	arm64_use_initrd(info, start, end);
}

static __init void read_tree(const struct fdt *fdt, struct boot_info *info)
{
	struct tree_walk walk = { .info = info };
	struct fdt_node chosen;
	bool have_chosen = fdt_find(fdt, "/chosen", &chosen);
	const char *bootargs = have_chosen ? fdt_prop_string(fdt, &chosen, "bootargs") : NULL;
	u64 start, size;

	if (have_chosen)
		walk.stdout_props = find_stdout(fdt, &chosen);
	/* What was typed for this boot goes before what the tree has for every boot. */
	if (bootargs && !info->cmdline[0] &&
	    strscpy(info->cmdline, bootargs, sizeof(info->cmdline)) < 0)
		boot_problem(info, "command line too long: its end is lost");
	/* As with Multiboot, control characters become blanks: they would spoil the log. */
	for (char *s = info->cmdline; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = ' ';
	}
	for (u32 i = 0; fdt_reserved(fdt, i, &start, &size); i++)
		arm64_reserve(info, start, size);
	if (fdt_for_each_node(fdt, read_node, &walk))
		boot_problem(info, "device tree: broken structure: the rest is ignored");
	arm64_assume_memory(info);
	if (have_chosen && !info->nr_modules)
		read_initrd(fdt, &chosen, info);
}

/* Is there memory behind each page of the window that the tree claims to fill? */
static __init bool readable(const char *start, size_t size)
{
	u32 word;

	for (unsigned long at = ALIGN_DOWN((unsigned long)start, PAGE_SIZE);
	     at < (unsigned long)start + size; at += PAGE_SIZE) {
		if (arch_read_nofault(&word, (const void *)at, sizeof(word)))
			return false;
	}
	return true;
}

/* NULL, or in words why no tree can be read. What cannot be an address was not even mapped. */
static __init const char *open_tree(struct fdt *fdt, phys_addr_t pa)
{
	const char *blob = (const char *)DTB_WINDOW + pa % LEVEL_SIZE(2);
	u32 size;

	if (!pa)
		return "no device tree";
	if (pa % 4 || !readable(blob, FDT_HEADER_SIZE))
		return "device tree: bad address";
	size = fdt_total_size(blob);
	if (size <= FDT_MAX_SIZE && !readable(blob, size))
		return "device tree: not all of it is in memory";
	return fdt_open(fdt, blob, FDT_MAX_SIZE);
}

__init void arm64_read_tree(phys_addr_t pa, struct boot_info *info)
{
	struct fdt fdt;
	const char *problem = open_tree(&fdt, pa);

	if (problem)
		boot_problem(info, problem);
	else
		read_tree(&fdt, info);
	arm64_unmap_dtb();
}
