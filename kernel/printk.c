/* SPDX-License-Identifier: MIT */
/*
 * The kernel log: a ring of text that dmesg reads, and the port's log channel, to which messages
 * more urgent than loglevel= are written at once. Untraced, because the tracer's code may log.
 * Works in any context: a message that interrupts the logging of another one on the same CPU (a
 * fault in here, an NMI, a panic) is written without the lock instead of waiting for it.
 */
#define PREEMPTIRQ_HOOKS 1		/* a console may be slow, and interrupts wait for it */
#include "kernel/boot_info.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/printk.h"
#include "kernel/printk_internal.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/smp.h"
#include "kernel/time.h"

BOOT_PARAM(loglevel);

#define LOG_SIZE 65536u			/* a power of two */
#define LINE_MAX 1024			/* a longer message is cut */
#define LEVEL_DEFAULT 4
#define LEVEL_CONT -1
#define NO_CPU ~0u
#define LOCK_TRIES 1000000		/* a line takes fewer, on every console that there is */

static char log_ring[LOG_SIZE];
static u64 log_end;			/* bytes ever written; the ring keeps the last LOG_SIZE */
static bool at_line_start = true;
static int line_level = LEVEL_DEFAULT;	/* of the line being written, for KERN_CONT */
static unsigned int lock_owner = NO_CPU;
int console_loglevel = 7;
static bool channel_ready;
static bool going_down;			/* a panic has begun or is about to: see log_lock() */

/*
 * Takes the log for this CPU, interrupts off. False when this CPU has it already. During a report
 * only the CPU that reports may print, so that nothing stands between its lines. The CPU that
 * has the log then may have been stopped by an NMI: after the time that a line takes, the log is
 * taken from it.
 */
static bool log_lock(void)
{
	unsigned int cpu = smp_processor_id();
	unsigned int tries = 0;

	assert_irqs_off();
	for (;;) {
		unsigned int expected = NO_CPU;

		if (__atomic_compare_exchange_n(&lock_owner, &expected, cpu, false,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return true;
		if (expected == cpu)
			return false;
		/* What this CPU wants to print would only break the lines of the report. */
		if (oops_in_progress() && cpu != oops_cpu)
			smp_stop_this();
		/*
		 * It is taken from the owner that was seen just now. If another CPU has got it
		 * since then, the exchange fails: that one is alive, and is waited for.
		 */
		if (going_down && ++tries > LOCK_TRIES &&
		    __atomic_compare_exchange_n(&lock_owner, &expected, cpu, false,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return true;
		arch_cpu_relax();
	}
}

/* Releases it, unless another CPU has taken it away. */
static void log_unlock(void)
{
	unsigned int expected = smp_processor_id();

	__atomic_compare_exchange_n(&lock_owner, &expected, NO_CPU, false, __ATOMIC_RELEASE,
				    __ATOMIC_RELAXED);
}

static void emit(char c, int level)
{
	at_line_start = c == '\n';
	log_ring[log_end++ & (LOG_SIZE - 1)] = c;
	if (channel_ready && level < console_loglevel)
		arch_log_putc(c);
}

static void emit_stamp(int level)
{
	u64 us = ktime_get_ns() / NSEC_PER_USEC;
	char stamp[32];

	scnprintf(stamp, sizeof(stamp), "[%5lu.%06lu] ", (unsigned long)(us / 1000000),
		  (unsigned long)(us % 1000000));
	for (const char *s = stamp; *s; s++)
		emit(*s, level);
}

/*
 * Each line of a message gets a time stamp. An unfinished line of an earlier message is ended
 * first, unless this message continues it.
 */
static void emit_message(const char *text, int level)
{
	if (level == LEVEL_CONT)
		level = line_level;
	else if (!at_line_start)
		emit('\n', line_level);
	line_level = level;
	for (; *text; text++) {
		if (at_line_start)
			emit_stamp(level);
		emit(*text, level);
	}
}

static const char *parse_level(const char *text, int *level)
{
	*level = LEVEL_DEFAULT;
	if (text[0] != KERN_SOH[0])
		return text;
	if (text[1] == 'c')
		*level = LEVEL_CONT;
	else if (text[1] >= '0' && text[1] <= '7')
		*level = text[1] - '0';
	else
		return text;
	return text + 2;
}

int vprintk(const char *fmt, va_list args)
{
	char line[LINE_MAX];
	int level, len = vscnprintf(line, sizeof(line), fmt, args);
	const char *text = parse_level(line, &level);
	unsigned long flags = irq_save();
	bool locked = log_lock();

	emit_message(text, level);
	if (locked)
		log_unlock();
	irq_restore(flags);
	return len - (int)(text - line);
}

int printk(const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vprintk(fmt, args);
	va_end(args);
	return len;
}

size_t printk_read(u64 *pos, char *buf, size_t size)
{
	unsigned long flags = arch_irq_save();
	bool locked = log_lock();
	u64 oldest = log_end > LOG_SIZE ? log_end - LOG_SIZE : 0;
	size_t n = 0;

	/* The ring has overwritten part of the oldest line: start with the next one. */
	if (*pos < oldest) {
		*pos = oldest;
		while (*pos < log_end && log_ring[(*pos)++ & (LOG_SIZE - 1)] != '\n')
			;
	}
	while (n < size && *pos < log_end)
		buf[n++] = log_ring[(*pos)++ & (LOG_SIZE - 1)];
	if (locked)
		log_unlock();
	arch_irq_restore(flags);
	return n;
}

/* Called at boot as soon as the port's log channel works. */
void printk_init(void)
{
	long level = console_loglevel;

	channel_ready = true;
	/* What was logged before the channel worked is only in the ring: send it now. */
	for (u64 pos = 0; pos < log_end; pos++)
		arch_log_putc(log_ring[pos]);
	if (boot_param_number(boot_param_loglevel, 0, 15, &level))
		console_loglevel = (int)level;
}

void printk_show_all(void)
{
	WRITE_ONCE(going_down, true);
	console_loglevel = 8;
}
