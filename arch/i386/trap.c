/* SPDX-License-Identifier: MIT */
/*
 * Exceptions and interrupts, in C: the IDT, page faults with their fixups, the
 * reports for what is a bug, and the way from an interrupt vector to
 * irq_dispatch(). entry.S calls in here with interrupts off. Untraced.
 */
#define PREEMPTIRQ_HOOKS 1			/* as irq_enter() and its kin do */
#include "arch/common/sequence.h"
#include "arch/i386/i386.h"
#include "kernel/bug.h"
#include "kernel/irq.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "kernel/smp.h"
#include <asm/memory.h>
#include <asm/vectors.h>

#define GATE_INTERRUPT 0x8e00u		/* present, ring 0, 32-bit interrupt gate */
#define GATE_TASK 0x8500u
/* Page fault error code, Intel SDM vol. 3, section 4.7. */
#define PF_PRESENT 1u
#define PF_WRITE 2u
#define PF_FETCH 16u

struct gate {
	u16 offset_low, selector, type, offset_high;
};

static struct gate idt[NR_VECTORS] __ro_after_init __aligned(8);

extern const u32 i386_vector_stubs[NR_VECTORS];
extern const struct ex_table_entry __start_ex_table[], __stop_ex_table[];

bool (*arch_step_hook)(struct pt_regs *regs);

void i386_exception(struct pt_regs *regs);
void i386_interrupt(struct pt_regs *regs);
void i386_double_fault_report(void) __noreturn;

static const char *const exception_names[NR_EXCEPTIONS] = {
	"divide error", "debug exception", "NMI", "breakpoint", "overflow", "bound range exceeded",
	"invalid opcode", "no coprocessor", "double fault", "coprocessor segment overrun",
	"invalid TSS", "segment not present", "stack segment fault", "general protection fault",
	"page fault", NULL, "x87 error", "alignment check", "machine check", "SIMD error",
	"virtualization exception", "control protection exception",
};

/* `current`, which tells where the stack lies, may be broken: so it is read with care. */
static bool in_guard_page(unsigned long addr)
{
	unsigned long low, high;
	char byte;

	if (arch_read_nofault(&byte, current, sizeof(byte)))
		return false;
	i386_stack_bounds(current, &low, &high);
	return addr < low && addr >= low - PAGE_SIZE;
}

static bool fixup_exception(struct pt_regs *regs)
{
	const struct ex_table_entry *entry;

	for (entry = __start_ex_table; entry < __stop_ex_table; entry++) {
		if (entry->insn == regs->ip) {
			regs->ip = entry->fixup;
			return true;
		}
	}
	return false;
}

/* The message is on the stack, so that a fault during the report does not overwrite it. */
static void __noreturn die_of_page_fault(struct pt_regs *regs, unsigned long addr)
{
	u32 error = regs->error_code;
	const char *access = error & PF_FETCH ? "execution" : error & PF_WRITE ? "write" : "read";
	char what[128];

	/* Page 0 is never mapped, so an address in it is NULL and the offset of a member. */
	if (addr < PAGE_SIZE)
		scnprintf(what, sizeof(what), "NULL pointer dereference: %s at %08lx", access,
			  addr);
	else if (in_guard_page(addr))
		scnprintf(what, sizeof(what), "kernel stack overflow: %s at %08lx", access, addr);
	else
		scnprintf(what, sizeof(what), "page fault: %s at %08lx, which is %s", access, addr,
			  !(error & PF_PRESENT) ? "not mapped" :
			  error & PF_FETCH ? "not executable" : "read-only");
	die(what, regs);
}

/* Bring a page that comes when it is touched. Interrupts were on where it was. */
static bool bring_page(struct pt_regs *regs, unsigned long addr)
{
	bool brought;

	fault_enter();
	brought = vmap_fault(addr, regs->error_code & PF_WRITE ? FAULT_FLAG_WRITE : 0, regs);
	fault_exit();
	if (brought)
		preempt_check_irq();
	return brought;
}

static void page_fault(struct pt_regs *regs)
{
	unsigned long addr = read_cr2();

	/* Only what may be such a page goes to vmap_fault(): all the rest here is untraced. */
	if (!(regs->error_code & (PF_PRESENT | PF_FETCH)) && regs->flags & X86_FLAGS_IF &&
	    addr >= VMAP_START && addr < VMAP_END && bring_page(regs, addr))
		return;
	if (!fixup_exception(regs))
		die_of_page_fault(regs, addr);
}

/* Called by entry.S. */
void i386_exception(struct pt_regs *regs)
{
	const char *name = exception_names[regs->vector];
	char what[96];

	assert_irqs_off();
	switch (regs->vector) {
	case VECTOR_PAGE_FAULT:
		page_fault(regs);
		restart_sequence(&regs->ip);
		return;
	case VECTOR_BREAKPOINT:
		/* At a site that is being patched an int3 is right; elsewhere it is a bug. */
		if (i386_int3_handler(regs)) {
			restart_sequence(&regs->ip);
			return;
		}
		break;
	case VECTOR_NMI:
		restart_sequence(&regs->ip);
		i386_nmi(regs);
		return;
	case VECTOR_DEBUG:
		if (!arch_step_hook)
			break;
		if (arch_step_hook(regs))
			restart_sequence(&regs->ip);
		return;
	default:
		if (fixup_exception(regs))
			return;
	}
	scnprintf(what, sizeof(what), "%s (vector %lu, error code %#lx)",
		  name ? name : "unknown exception", regs->vector, regs->error_code);
	die(what, regs);
}

/*
 * Called by the double fault task. The registers of what was running are in the other task segment;
 * its stack is not touched, because this task has its own.
 */
void i386_double_fault_report(void)
{
	static struct pt_regs regs;
	const struct i386_tss *tss = &i386_this_cpu()->tss;
	char what[64] = "double fault";

	regs = (struct pt_regs){
		.bx = tss->ebx, .cx = tss->ecx, .dx = tss->edx, .si = tss->esi, .di = tss->edi,
		.bp = tss->ebp, .ax = tss->eax, .sp = tss->esp, .vector = VECTOR_DOUBLE_FAULT,
		.ip = tss->eip, .cs = tss->cs, .flags = tss->eflags,
	};
	/* The push that failed went to the word below sp, and has left sp where it was. */
	if (in_guard_page(regs.sp) || in_guard_page(regs.sp - sizeof(long)) ||
	    in_guard_page(read_cr2()))
		scnprintf(what, sizeof(what), "kernel stack overflow: sp is %08lx", regs.sp);
	die(what, &regs);
}

/* Called by entry.S for a device interrupt. */
void i386_interrupt(struct pt_regs *regs)
{
	unsigned int irq = (unsigned int)regs->vector - VECTOR_PIC;
	bool local = regs->vector >= VECTOR_LAPIC_TIMER;

	assert_irqs_off();
	restart_sequence(&regs->ip);
	/* Before irq_enter(): a spurious interrupt is none, and is not counted. */
	if (!local && !i386_irq_ack(irq))
		return;
	irq_enter();
	if (local)
		i386_lapic_interrupt((unsigned int)regs->vector);
	else
		irq_dispatch(irq);
	irq_exit();
	if (regs->flags & X86_FLAGS_IF)
		preempt_check_irq();
}

void i386_load_idt(void)
{
	const struct {
		u16 limit;
		u32 base;
	} __packed table = { sizeof(idt) - 1, (u32)idt };

	__asm__ volatile("lidt %0" : : "m"(table));
}

void arch_trap_init(void)
{
	unsigned int i;

	for (i = 0; i < NR_VECTORS; i++) {
		u32 stub = i386_vector_stubs[i];

		idt[i] = (struct gate){ (u16)stub, SEL_CODE, GATE_INTERRUPT, (u16)(stub >> 16) };
	}
	idt[VECTOR_DOUBLE_FAULT] = (struct gate){ 0, SEL_DOUBLE_FAULT, GATE_TASK, 0 };
	i386_load_idt();
	i386_tsc_init();
}

void arch_show_regs(const struct pt_regs *regs)
{
	unsigned long cr0, cr4;

	__asm__ volatile("movl %%cr0, %0\n\tmovl %%cr4, %1" : "=r"(cr0), "=r"(cr4));
	pr_emerg("ip: %04lx:%08lx %pS\n", regs->cs, regs->ip, (void *)regs->ip);
	pr_emerg("ax: %08lx bx: %08lx cx: %08lx dx: %08lx\n",
		 regs->ax, regs->bx, regs->cx, regs->dx);
	pr_emerg("si: %08lx di: %08lx bp: %08lx sp: %08lx\n",
		 regs->si, regs->di, regs->bp, regs->sp);
	pr_emerg("flags: %08lx cr0: %08lx cr2: %08lx cr3: %08lx cr4: %08lx\n",
		 regs->flags, cr0, read_cr2(), read_cr3(), cr4);
}
