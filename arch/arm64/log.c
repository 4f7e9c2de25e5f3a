/* SPDX-License-Identifier: MIT */
/*
 * The log channel: the semihosting console when the command line says
 * `semihosting`, else the UART. A semihosting call stops the whole machine for
 * the host's sake, so a line goes out in one call.
 */
#include <asm/arch.h>
#include "arch/arm64/arm64.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"

#define SYS_WRITE0 0x04
#define LINE_SIZE 160

BOOT_PARAM(semihosting);

static bool semihosting;
static char line[LINE_SIZE + 1];
static unsigned int line_len;

bool arm64_semihosting(void)
{
	return semihosting;
}

/*
 * Where nobody takes semihosting calls the HLT is an undefined instruction. Then no further call is
 * made.
 */
unsigned long arm64_semihosting_call(unsigned long operation, const void *argument)
{
	register unsigned long x0 __asm__("x0") = operation;
	register const void *x1 __asm__("x1") = argument;
	unsigned long failed = 0;

	/* Memory is clobbered: the host reads what @argument points to, and may write there. */
	__asm__ volatile("1:	hlt	#0xf000\n"
			 "	b	3f\n"
			 "2:	mov	%1, #1\n"
			 "3:\n"
			 EX_TABLE("1b", "2b")
			 : "+r"(x0), "+r"(failed) : "r"(x1) : "memory");
	if (failed)
		semihosting = false;
	return x0;
}

static void uart_putc(char c)
{
	if (c == '\n')
		arm64_uart_putc('\r');
	arm64_uart_putc(c);
}

void arm64_log_flush(void)
{
	unsigned long flags = arch_irq_save();

	if (line_len) {
		line[line_len] = '\0';
		line_len = 0;
		arm64_semihosting_call(SYS_WRITE0, line);
		for (const char *s = line; !semihosting && *s; s++)
			uart_putc(*s);
	}
	arch_irq_restore(flags);
}

void arch_log_init(const struct boot_info *info)
{
	boot_param_flag(boot_param_semihosting, &semihosting);
	arm64_uart_init(info);
}

void arch_log_putc(char c)
{
	unsigned long flags;

	if (!semihosting) {
		uart_putc(c);
		return;
	}
	if (!c)
		return;		/* a zero byte would end the string */
	flags = arch_irq_save();
	line[line_len++] = c;
	if (c == '\n' || line_len == LINE_SIZE)
		arm64_log_flush();
	arch_irq_restore(flags);
}
