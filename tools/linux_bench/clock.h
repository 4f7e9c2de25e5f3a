/* SPDX-License-Identifier: MIT */
/*
 * The raw counters that peerbench.c reads, and loops of known length that show what they count.
 * Everything is in the header, so that reading a counter is one instruction in the timed code.
 */
#pragma once
#include <linux/irqflags.h>
#include <linux/kernel.h>

#ifdef CONFIG_X86
static __always_inline u64 clk(void)
{
	u32 lo, hi;

	asm volatile("rdtsc" : "=a"(lo), "=d"(hi) :: "memory");
	return ((u64)hi << 32) | lo;
}
static u64 retired(void) { return 0; }
static void clk_setup(void) { }
#define CLK_NAME "rdtsc"
#endif

#ifdef CONFIG_ARM64
/*
 * Read the PMU's cycle counter. QEMU runs it at 1 GHz of virtual time, so it resolves single
 * instructions under -icount shift=0, which the 62.5 MHz generic timer does not. Event counter 0 is
 * set to count retired instructions.
 */
static __always_inline u64 clk(void)
{
	u64 v;

	asm volatile("mrs %0, pmccntr_el0" : "=r"(v) :: "memory");
	return v;
}
static u64 retired(void)
{
	u64 v;

	asm volatile("mrs %0, pmevcntr0_el0" : "=r"(v) :: "memory");
	return v;
}
static void clk_setup(void)
{
	asm volatile("msr pmccfiltr_el0, %0\n"
		     "msr pmevtyper0_el0, %1\n"
		     "msr pmcntenset_el0, %2\n"
		     "msr pmcr_el0, %3\n"
		     "isb\n"
		     :: "r"(0UL), "r"(0x08UL), "r"((1UL << 31) | 1UL),
			"r"((1UL << 6) | 1UL) : "memory");
}
#define CLK_NAME "pmccntr_el0"
static u64 cnt_now(void)
{
	u64 v;

	asm volatile("isb\n mrs %0, cntvct_el0" : "=r"(v) :: "memory");
	return v;
}
#endif

/* Times loops of known length. */
#ifdef CONFIG_X86_32
#define LOOP2(n)  asm volatile("1: decl %0\n jnz 1b" : "+r"(n) :: "cc")
#define LOOP10(n) asm volatile("1: nop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\n" \
			       "decl %0\n jnz 1b" : "+r"(n) :: "cc")
#endif
#ifdef CONFIG_ARM64
#define LOOP2(n)  asm volatile("1: subs %w0, %w0, #1\n b.ne 1b" : "+r"(n) :: "cc")
#define LOOP10(n) asm volatile("1: nop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\n" \
			       "subs %w0, %w0, #1\n b.ne 1b" : "+r"(n) :: "cc")
#endif

static noinline notrace void calib(void)
{
	static const u32 sizes[] = { 1, 1000, 100000, 1000000 };
	unsigned long fl;
	u64 a, b, r0, r1, c0 = 0, c1 = 0;
	u32 n, i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		local_irq_save(fl);
		n = sizes[i];
#ifdef CONFIG_ARM64
		c0 = cnt_now();
#endif
		r0 = retired();
		a = clk();
		LOOP2(n);
		b = clk();
		r1 = retired();
#ifdef CONFIG_ARM64
		c1 = cnt_now();
#endif
		local_irq_restore(fl);
		pr_info("PEER calib insns=%u ticks=%llu retired=%llu cntvct=%llu\n",
			2 * sizes[i], b - a, r1 - r0, c1 - c0);

		local_irq_save(fl);
		n = sizes[i];
		r0 = retired();
		a = clk();
		LOOP10(n);
		b = clk();
		r1 = retired();
		local_irq_restore(fl);
		pr_info("PEER calib insns=%u ticks=%llu retired=%llu\n",
			10 * sizes[i], b - a, r1 - r0);
	}
	local_irq_save(fl);
	a = clk();
	b = clk();
	local_irq_restore(fl);
	pr_info("PEER calib back_to_back_clock ticks=%llu\n", b - a);

#ifdef CONFIG_X86_32
	/* Does a string instruction count once, or once for each element? */
	{
		static char buf[256];
		u32 c = 256;
		void *d = buf;

		local_irq_save(fl);
		a = clk();
		asm volatile("rep stosb" : "+c"(c), "+D"(d) : "a"(0) : "memory");
		b = clk();
		local_irq_restore(fl);
		pr_info("PEER calib rep_stosb_256 ticks=%llu\n", b - a);
	}
#endif
}
