/* SPDX-License-Identifier: MIT */
/*
 * The console. The UART's interrupt puts received bytes into a ring, from which the shell takes
 * them; Ctrl-C sets a flag that commands poll; output is polled. Also /dev/console, the file that
 * commands write to.
 */
#include "kernel/arch.h"
#include "kernel/bug.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/job.h"
#include "kernel/sched/spinlock.h"
#include "kernel/sched/wait.h"
#include "kernel/shell/console.h"
#include "kernel/shell/shell.h"

#define INPUT_SIZE 16384u
#define CTRL_C 0x03
#define CTRL_D 0x04
#define CTRL_V 0x16

static struct {
	spinlock_t lock;
	unsigned int head, tail;	/* total number of bytes put in, and taken out */
	unsigned int lost;		/* bytes that found no room */
	bool editing;
	bool piped;			/* the input is a script: console_set_piped() */
	bool stopped;			/* the UART was told to keep its bytes */
	char ring[INPUT_SIZE];
} input = { .lock = __SPIN_LOCK_UNLOCKED("input.lock") };
static DECLARE_WAIT_QUEUE_HEAD(input_wait);
static volatile bool interrupted;
/* Keeps the text of each write together when several threads print. */
static DEFINE_MUTEX(output_lock);

bool console_pending(void)
{
	return READ_ONCE(input.head) != READ_ONCE(input.tail);
}

void console_set_piped(void)
{
	BUG_ON(console_pending());
	input.piped = true;
}

/* A byte from the keyboard. Ctrl-C acts at once; a byte that finds no room is lost. */
static void put_key(char c)
{
	if (c == CTRL_C) {
		/* Discard what was typed ahead, which was meant for what is interrupted now. */
		input.tail = input.head;
		input.lost = 0;
		interrupted = true;
	}
	if (c == CTRL_C && !input.editing)
		;
	else if (input.lost || input.head - input.tail == INPUT_SIZE)
		input.lost++;	/* all bytes until console_lost() is called, so there is one gap */
	else
		input.ring[input.head++ % INPUT_SIZE] = c;
}

bool console_input(char c)
{
	unsigned long flags;
	bool more;

	spin_lock_irqsave(&input.lock, flags);
	if (input.piped) {
		/* The port was told to stop when the ring was full, so there must be room. */
		BUG_ON(input.head - input.tail == INPUT_SIZE);
		input.ring[input.head++ % INPUT_SIZE] = c;
		input.stopped = input.head - input.tail == INPUT_SIZE;
	} else {
		put_key(c);
	}
	more = !input.stopped;
	spin_unlock_irqrestore(&input.lock, flags);
	wake_up(&input_wait);
	return more;
}

/* The next byte, without a meaning of Ctrl-D and Ctrl-V. Sleeps until there is one. */
static int next_byte(void)
{
	bool resume = false;
	unsigned long flags;
	int c = -1;

	while (c < 0) {
		wait_event(input_wait, console_pending());
		spin_lock_irqsave(&input.lock, flags);
		if (input.head != input.tail)
			c = (unsigned char)input.ring[input.tail++ % INPUT_SIZE];
		/* Resume only when half of the ring is free, not for each byte. */
		if (input.stopped && input.head - input.tail <= INPUT_SIZE / 2) {
			input.stopped = false;
			resume = true;
		}
		spin_unlock_irqrestore(&input.lock, flags);
	}
	/* Without the lock, because this may call console_input(). */
	if (resume)
		arch_console_resume();
	return c;
}

int console_getchar(void)
{
	int c = next_byte();

	if (input.piped && c == CTRL_D)
		return CONSOLE_EOF;
	if (input.piped && c == CTRL_V)
		return next_byte();
	return c;
}

unsigned int console_lost(void)
{
	unsigned int lost = 0;
	unsigned long flags;

	spin_lock_irqsave(&input.lock, flags);
	if (input.head == input.tail) {
		lost = input.lost;
		input.lost = 0;
	}
	spin_unlock_irqrestore(&input.lock, flags);
	return lost;
}

void console_set_editing(bool editing)
{
	WRITE_ONCE(input.editing, editing);
}

/* True also if the output of the calling command failed or is not read: then it may stop, too. */
bool console_interrupted(void)
{
	const struct cmd_context *ctx = shell_current_command();
	const struct job *job = current->job;

	if (job ? READ_ONCE(job->killed) : interrupted)
		return true;
	return ctx && (ctx->out_error || pipe_is_broken(ctx->out));
}

void console_clear_interrupted(void)
{
	interrupted = false;
}

void console_write(const char *buf, size_t len)
{
	mutex_lock(&output_lock);
	for (; len; len--, buf++) {
		if (*buf == '\n')
			arch_console_putc('\r');
		arch_console_putc(*buf);
	}
	mutex_unlock(&output_lock);
}

static ssize_t console_file_write(struct file *file, const char *buf, size_t size, loff_t *pos)
{
	console_write(buf, size);
	return (ssize_t)size;
}

static const struct file_operations console_ops = { .write = console_file_write };

struct file *console_open(void)
{
	return anon_inode_getfile("console", &console_ops, NULL, O_WRONLY);
}

void console_init(void)
{
	struct inode *dev = pseudo_root("/dev");

	if (!IS_ERR(dev))
		dev = pseudo_file(dev, "console", 0222, &console_ops, NULL);
	if (IS_ERR(dev))
		panic("cannot make /dev/console: %s", errno_string((int)PTR_ERR(dev)));
}
