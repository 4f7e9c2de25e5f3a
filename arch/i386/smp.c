/* SPDX-License-Identifier: MIT */
/*
 * Other CPUs: found by ACPI, started by INIT-SIPI-SIPI (Intel SDM vol. 3, section 8.4.4), and
 * interrupted through the local APIC. Their first instructions are in smp_start.S. A machine
 * without ACPI tables or local APIC has one CPU and no NMIs, and nothing here is used. Untraced.
 */
#include "arch/i386/acpi.h"
#include "arch/i386/i386.h"
#include "arch/i386/lapic.h"
#include "kernel/boot_info.h"
#include "kernel/irq.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/sched.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include <asm/memory.h>
#include <asm/vectors.h>

#define CPUID_LAPIC (1u << 9)		/* leaf 1, edx */
#define MSR_APIC_BASE 0x1b
#define APIC_BASE_X2APIC 0x400
#define APIC_BASE_ENABLED 0x800
#define APIC_BASE_ADDRESS 0xffffff000ull
#define MSR_EFER 0xc0000080

#define INIT_DELAY_MS 10
#define STARTUP_DELAY_US 200
#define ARRIVAL_MS 500

extern const char i386_ap_trampoline[], i386_ap_trampoline_end[];
extern u64 boot_pdpt[4];
extern char identity_pd[];
/*
 * What the next CPU that comes is to be. That CPU, or the one that gives up waiting for it, takes
 * it out by an atomic exchange, so that only one of them gets it.
 */
extern struct i386_start *i386_ap_mailbox;

void i386_ap_main(struct i386_start *start) __noreturn;

static struct acpi_cpus found __ro_after_init;
static struct i386_cpu secondary_cpus[NR_CPUS];
static u8 apic_ids[NR_CPUS];		/* by CPU number */
static bool stopping;			/* the next NMI tells a CPU to stop */
static bool has_lapic __ro_after_init;	/* there is a local APIC, and it is used */

static u64 read_msr(u32 msr)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (u64)high << 32 | low;
}

/* Any physical memory, RAM or not, is read through one page of the fixmap. It shows this now: */
static struct {
	const char *va;			/* NULL: nothing */
	u64 pa;
} acpi_page;

static bool read_physical(const struct acpi_reader *reader, u64 pa, void *buf, size_t len)
{
	char *to = buf;

	while (len) {
		size_t offset = pa & ~PAGE_MASK, part = min(len, PAGE_SIZE - offset);

		/* Tables are read in small pieces: a page stays mapped until another is needed. */
		if (!acpi_page.va || acpi_page.pa != pa - offset) {
			acpi_page.pa = pa - offset;
			acpi_page.va = i386_fixmap(FIXMAP_ACPI, acpi_page.pa, false);
		}
		memcpy(to, acpi_page.va + offset, part);
		pa += part;
		to += part;
		len -= part;
	}
	return true;
}

static const char *why_one_cpu(void)
{
	const struct acpi_reader reader = { .read = read_physical };
	const char *problem;
	u32 a, b, c, features;
	u64 base;

	cpuid(1, 0, &a, &b, &c, &features);
	if (!(features & CPUID_LAPIC))
		return "the CPU has no local APIC";
	base = read_msr(MSR_APIC_BASE);
	if (base & APIC_BASE_X2APIC)
		return "the local APIC is in x2APIC mode";
	if (!(base & APIC_BASE_ENABLED))
		return "the local APIC is off";
	/* Not every firmware lets the 8259A's interrupts through it, and they are the tick. */
	lapic_map(base & APIC_BASE_ADDRESS);
	lapic_enable(true);
	problem = acpi_find_cpus(&reader, boot_info.acpi_rsdp, boot_info.acpi_rsdp_size, &found);
	/* Its registers will be written to, so the tables must say what the CPU itself says. */
	if (!problem && found.lapic_pa != (base & APIC_BASE_ADDRESS))
		problem = "the table of CPUs (MADT) has the local APIC where it is not";
	i386_fixmap_clear(FIXMAP_ACPI);
	acpi_page.va = NULL;
	return problem;
}

/* Move the running CPU to the front of the list. False: the list does not have it. */
static bool find_self(void)
{
	unsigned int i, self = lapic_id();

	for (i = 0; i < found.nr && found.apic_id[i] != self; i++)
		;
	if (i == found.nr)
		return false;
	found.apic_id[i] = found.apic_id[0];
	found.apic_id[0] = (u8)self;
	return true;
}

/* In /proc/interrupts the local APIC's follow the 8259A's lines. */
#define LAPIC_IRQ(vector) ((vector) - VECTOR_PIC)

static void local_interrupt(unsigned int irq, void *dev)
{
	if (irq == LAPIC_IRQ(VECTOR_LAPIC_TIMER))
		time_tick();
	else
		smp_handle_ipi(irq == LAPIC_IRQ(VECTOR_IPI_CALL) ? IPI_CALL : IPI_RESCHEDULE);
}

static void name_interrupts(void)
{
	static const struct {
		unsigned int vector;
		const char *name;
	} locals[] = {
		{ VECTOR_LAPIC_TIMER, "local timer" },
		{ VECTOR_IPI_RESCHEDULE, "reschedule" },
		{ VECTOR_IPI_CALL, "call" },
	};

	/* Only for /proc/interrupts: i386_lapic_interrupt() calls the handler itself. */
	for (unsigned int i = 0; i < ARRAY_SIZE(locals); i++)
		if (irq_register(LAPIC_IRQ(locals[i].vector), local_interrupt, NULL,
				 locals[i].name))
			pr_warn("smp: %s interrupts are not shown\n", locals[i].name);
}

unsigned int arch_smp_count(void)
{
	const char *problem = why_one_cpu();

	if (problem) {
		pr_warn("smp: %s: one CPU will be used, and there are no NMIs\n", problem);
		return 1;
	}
	if (found.nr_ignored)
		pr_warn("smp: %u CPUs more than there is room for\n", found.nr_ignored);
	if (!find_self()) {
		pr_warn("smp: ACPI does not list the running CPU: one CPU will be used\n");
		return 1;
	}
	apic_ids[0] = found.apic_id[0];
	has_lapic = true;
	if (found.nr == 1)
		return 1;
	name_interrupts();
	lapic_timer_calibrate(HZ);
	/* A CPU starts in real mode, which reaches the first megabyte only. */
	memcpy(phys_to_virt(AP_TRAMPOLINE_PA), i386_ap_trampoline,
	       (size_t)(i386_ap_trampoline_end - i386_ap_trampoline));
	return found.nr;
}

static bool has_come(void)
{
	return !__atomic_load_n(&i386_ap_mailbox, __ATOMIC_ACQUIRE);
}

static bool comes_within_us(u32 us)
{
	u64 end = arch_clock_cycles() + arch_clock_hz() / 1000000 * us;

	while (!has_come() && arch_clock_cycles() < end)
		arch_cpu_relax();
	return has_come();
}

/*
 * Ask a CPU to start, and a second time if it does not, as the manual says. Long waits sleep,
 * because on a virtual machine the other CPU may need ours to run on.
 */
static void wake_cpu(unsigned int apic_id)
{
	const u32 startup = ICR_STARTUP | ICR_ASSERT | AP_TRAMPOLINE_PA >> PAGE_SHIFT;
	u64 end;

	/* The waits are the manual's: 10 ms after INIT, 200 us after each STARTUP. */
	lapic_send(apic_id, ICR_INIT | ICR_ASSERT);
	msleep(INIT_DELAY_MS);
	lapic_send(apic_id, startup);
	if (comes_within_us(STARTUP_DELAY_US))
		return;
	lapic_send(apic_id, startup);
	end = ktime_get_ns() + ARRIVAL_MS * NSEC_PER_MSEC;
	while (!comes_within_us(STARTUP_DELAY_US) && ktime_get_ns() < end)
		msleep(1);
}

/* Warn if the clocks of two CPUs differ: times would run backwards from one to the other. */
static void check_tsc(const struct i386_start *start, u64 before)
{
	u64 after, deadline = before + arch_clock_hz();
	bool here;

	do {
		here = smp_load_acquire(&start->here);
		after = arch_clock_cycles();
		if (!here)
			arch_cpu_relax();
	} while (!here && after < deadline);
	/* It has read its clock between the two times that this CPU has read. */
	if (here && (start->tsc < before || start->tsc > after))
		pr_warn("smp: the clock of CPU %u is off by %lld cycles or more\n", start->cpu,
			(s64)(start->tsc - (start->tsc < before ? before : after)));
}

int arch_smp_start_cpu(unsigned int index, unsigned int cpu, struct task_struct *idle)
{
	static struct i386_start starts[NR_CPUS];
	struct i386_start *start = &starts[cpu], *mine = start;
	u64 before = arch_clock_cycles();
	void *stack = alloc_pages(2, GFP_KERNEL);

	if (!stack)
		return -ENOMEM;
	*start = (struct i386_start){
		.stack_top = (unsigned long)idle->stack + THREAD_STACK_SIZE,
		.efer = i386_has_nx() ? (u32)read_msr(MSR_EFER) : 0,
		.cpu = cpu,
		.idle = idle,
		.double_fault_stack_top = (char *)stack + (PAGE_SIZE << 2),
	};
	apic_ids[cpu] = found.apic_id[index];
	/* The new CPU turns paging on at a physical address, which must be mapped for so long. */
	boot_pdpt[0] = virt_to_phys(identity_pd) | PTE_PRESENT;
	__atomic_store_n(&i386_ap_mailbox, start, __ATOMIC_SEQ_CST);
	wake_cpu(found.apic_id[index]);
	/* If the mailbox can be emptied, the CPU has not come; later it would find nothing. */
	if (__atomic_compare_exchange_n(&i386_ap_mailbox, &mine, NULL, false, __ATOMIC_SEQ_CST,
					__ATOMIC_RELAXED)) {
		boot_pdpt[0] = 0;
		free_pages(stack, 2);
		return -ETIMEDOUT;
	}
	check_tsc(start, before);
	return 0;
}

struct i386_cpu *i386_cpu_of(unsigned int id)
{
	return id ? &secondary_cpus[id] : &i386_boot_cpu;
}

/* Called by smp_start.S, on the idle thread's stack, the identity page gone. */
void i386_ap_main(struct i386_start *start)
{
	struct i386_cpu *cpu = &secondary_cpus[start->cpu];

	i386_cpu_init(cpu, start->cpu, (unsigned long)start->double_fault_stack_top);
	arch_set_current(start->idle);
	/* This may be a CPU that was given up earlier: it comes late, in the place of the next. */
	apic_ids[start->cpu] = (u8)lapic_id();
	start->tsc = arch_clock_cycles();
	smp_store_release(&start->here, true);
	i386_load_idt();
	lapic_enable(false);
	lapic_timer_start();
	smp_secondary_main(start->cpu);
}

bool arch_has_nmi(void)
{
	return has_lapic;
}

/* IPI_STOP is sent as an NMI, because it must work where interrupts are off. */
void arch_send_ipi(unsigned int cpu, enum ipi_kind kind)
{
	if (!has_lapic)
		return;
	if (kind == IPI_STOP)
		WRITE_ONCE(stopping, true);
	if (kind == IPI_STOP || kind == IPI_NMI) {
		lapic_send(apic_ids[cpu], ICR_NMI | ICR_ASSERT);
	} else {
		lapic_send(apic_ids[cpu], ICR_ASSERT |
			   (kind == IPI_CALL ? VECTOR_IPI_CALL : VECTOR_IPI_RESCHEDULE));
	}
}

bool i386_is_stop_nmi(void)
{
	return READ_ONCE(stopping);
}

/*
 * An interrupt of the local APIC, between irq_enter() and irq_exit(). irq_dispatch() is not used,
 * because it is traced.
 */
void i386_lapic_interrupt(unsigned int vector)
{
	if (vector == VECTOR_SPURIOUS)
		return;
	lapic_eoi();
	irq_count(LAPIC_IRQ(vector));
	local_interrupt(LAPIC_IRQ(vector), NULL);
}
