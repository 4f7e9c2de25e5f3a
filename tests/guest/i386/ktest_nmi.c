/* SPDX-License-Identifier: MIT */
/*
 * An NMI at each instruction of the breakpoint handler, of its entry and its exit, and of the
 * patcher while sites are half patched. The code runs single-stepped, and the debug exception,
 * which is entered in the same way as an NMI, acts as one. tests/guest/ktest/nmi.c does the same
 * for a traced call. Untraced, because the debug exception is.
 */
#include "arch/i386/i386.h"
#include "kernel/arch.h"
#include "kernel/nmi.h"
#include "kernel/sched/current.h"
#include "tests/guest/ktest/nmi.h"
#include "tests/guest/ktest/targets.h"
#include "trace/ftrace.h"
#include <asm/vectors.h>

#define INT3 0xcc
#define STRIDE 64	/* one NMI in so many instructions while no site is half patched */

static unsigned int nr_steps, nr_half_patched;
static const volatile u8 *site;		/* of kt_sum() */

static void step(struct pt_regs *regs)
{
	nr_steps++;
	nmi_ask(smp_processor_id(), NMI_HOOK);
	i386_nmi(regs);
}

static void step_half_patched(struct pt_regs *regs)
{
	bool half_patched = *site == INT3;

	if (current->preempt_count & HARDIRQ_MASK || (!half_patched && nr_steps++ % STRIDE))
		return;
	nr_half_patched += half_patched;
	nmi_ask(smp_processor_id(), NMI_HOOK);
	i386_nmi(regs);
}

/* Attaches everything, steps @body, and then checks that all counts add up. */
static void with_nmis(struct ktest *t, void (*body)(void), void (*hook)(struct pt_regs *regs))
{
	kt_one_cpu(t);
	nr_steps = nr_half_patched = 0;
	nmi_set_hook(nmi_call_targets);
	nmi_step_through(t, body, hook);
	nmi_set_hook(NULL);
}

/*
 * Calls kt_sum() as if its site had hit a breakpoint: it makes the same frame, and enters the
 * handler by a jump, which leaves the trap flag alone.
 */
unsigned long ktest_nmi_sum(unsigned long a, unsigned long b);
unsigned long ktest_nmi_int3_ip;
__asm__(
	"	.pushsection .text.ktest_nmi_sum, \"ax\", @progbits\n"
	"	.type	ktest_nmi_sum, @function\n"
	"ktest_nmi_sum:\n"
	"	pushfl\n"
	"	pushl	%cs\n"
	"	pushl	ktest_nmi_int3_ip\n"
	"	jmp	*i386_vector_stubs + 4 * " __stringify(VECTOR_BREAKPOINT) "\n"
	"	.size	ktest_nmi_sum, . - ktest_nmi_sum\n"
	"	.popsection\n");

static void call_by_int3(void)
{
	nmi_calls.below++;
	if (ktest_nmi_sum(40, 2) != 42 || kt_product(3, 1, 5) != 8 ||
	    kt_many(1, 1, 1, 1, 1, 1, 1, 1, 1, 1) != 55)
		nmi_calls.wrong++;
}

KTEST(nmi, at_each_instruction_of_int3)
{
	unsigned long ip = ftrace_location((unsigned long)kt_sum);

	if (!FTRACE_HAVE_ARGS)
		KT_SKIP(t, "sites are behind the prologue");
	ktest_nmi_int3_ip = ip + 1;
	with_nmis(t, call_by_int3, step);
	KT_EXPECT(t, nr_steps > 500);
}

/*
 * All callbacks are detached, so that not only literals change. The patcher needs interrupts on.
 * Interrupts and other threads are not stepped.
 */
static struct ktest *patching;

static void toggle(void)
{
	unsigned int n;

	arch_irq_enable();
	for (n = 0; n < 3; n++)
		nmi_toggle(patching, n);
	arch_irq_disable();
}

KTEST(nmi, at_each_instruction_of_patching)
{
	site = (const volatile u8 *)ftrace_location((unsigned long)kt_sum);
	patching = t;
	with_nmis(t, toggle, step_half_patched);
	KT_EXPECT(t, nr_half_patched > 100);
}
