/* SPDX-License-Identifier: MIT */
/*
 * The console's input, whatever UART it comes from: received bytes come by interrupt and go to
 * console_input(), which may ask to be left alone for a while. Then they stay in the UART's FIFO,
 * and the sender waits. Untraced.
 */
#include "arch/common/receiver.h"
#include "kernel/arch.h"
#include "kernel/irq.h"
#include "kernel/sched/spinlock.h"
#include "kernel/shell/console.h"

static bool held;		/* the console wants no more for now */
static DEFINE_SPINLOCK(receive_lock);

/* Hand on what has come. The lock keeps the bytes in order when two CPUs do so. */
static void receive(void)
{
	int byte;

	/* Not after the loop: that would swallow the announcement of a byte that comes then. */
	uart_acknowledge();
	/* An interrupt that was on its way when the console became full may still come. */
	while (!held && (byte = uart_take()) >= 0)
		held = !console_input((char)byte);
	if (held)
		uart_listen(false);
}

static void uart_interrupt(__maybe_unused unsigned int irq, __maybe_unused void *dev)
{
	spin_lock(&receive_lock);
	receive();
	spin_unlock(&receive_lock);
}

void arch_console_resume(void)
{
	unsigned long flags;

	spin_lock_irqsave(&receive_lock, flags);
	held = false;
	/* In this order a byte that comes between the two is announced for nothing, not missed. */
	uart_listen(true);
	receive();
	spin_unlock_irqrestore(&receive_lock, flags);
}

int receiver_start(unsigned int irq, const char *name)
{
	int err = irq_register(irq, uart_interrupt, NULL, name);

	if (!err)
		arch_console_resume();
	return err;
}
