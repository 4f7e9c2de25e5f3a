/* SPDX-License-Identifier: MIT */
/*
 * The last eight requests that were refused: the text that was written, why it was refused, and a
 * caret below the place of the error. On Linux only some of the files use this log; here every
 * write to tracefs whose text is refused is noted in it.
 */
#include "kernel/fs/seq_file.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/sched/spinlock.h"
#include "kernel/time.h"
#include "trace/output/trace.h"

#define QUOTED_MAX 80			/* bytes of the refused text in the kernel log */
#define COMMAND_MAX TRACE_ERR_CMD_LEN

static DEFINE_SPINLOCK(errors_lock);	/* of the logs of all instances */

/*
 * Copy the part of the command around the place of the error. Control characters are replaced,
 * because the text is untrusted, and error_log is mostly read on a terminal.
 */
static void copy_command(struct trace_error *err, const char *cmd, size_t len, size_t pos)
{
	size_t skip = 0, kept;

	while (len && (cmd[len - 1] == '\n' || cmd[len - 1] == '\0'))
		len--;
	if (pos > len)
		pos = len;
	/* Half of the room is for the text before the place, or more if little text follows it. */
	if (pos > COMMAND_MAX / 2 && len > COMMAND_MAX)
		skip = min(pos - COMMAND_MAX / 2, len - COMMAND_MAX);
	kept = min(len - skip, (size_t)COMMAND_MAX);
	for (size_t i = 0; i < kept; i++) {
		char c = cmd[skip + i];

		err->cmd[i] = c >= ' ' && c < 127 ? c : '?';
	}
	err->cmd[kept] = '\0';
	err->pos = (unsigned int)min(pos - skip, kept);
}

/* Name the refused text in the kernel log, too, because not everybody looks into error_log. */
static void log_refused(const char *loc, const char *refused, size_t len, const char *text)
{
	char quoted[QUOTED_MAX + 1];
	size_t n;

	while (len && (refused[len - 1] == '\0' || strchr(" \t\r\n", refused[len - 1])))
		len--;
	for (n = 0; n < len && n < QUOTED_MAX; n++)
		quoted[n] = refused[n] >= ' ' && refused[n] < 127 ? refused[n] : '?';
	quoted[n] = '\0';
	pr_warn("%s: %s: \"%s%s\"\n", loc, text, quoted, len > n ? "..." : "");
}

void tracing_log_err(struct trace_array *tr, const char *loc, const char *cmd, size_t len,
		     size_t pos, size_t refused, const char *text)
{
	struct trace_error_log *log = &tr->errors;
	struct trace_error *err;
	unsigned long flags;

	/*
	 * Logged without the lock, which disables interrupts, because the log channel may be slow.
	 */
	if (refused)
		log_refused(loc, cmd + pos, refused, text);
	else
		log_refused(loc, cmd, len, text);
	spin_lock_irqsave(&errors_lock, flags);
	err = &log->errors[(log->oldest + log->nr) % TRACE_ERRORS_MAX];
	if (log->nr < TRACE_ERRORS_MAX)
		log->nr++;
	else
		log->oldest = (log->oldest + 1) % TRACE_ERRORS_MAX;
	err->ns = ktime_get_ns();
	strscpy(err->loc, loc, sizeof(err->loc));
	err->text = text;
	copy_command(err, cmd, len, pos);
	spin_unlock_irqrestore(&errors_lock, flags);
}

void tracing_clear_errors(struct trace_array *tr)
{
	unsigned long flags;

	spin_lock_irqsave(&errors_lock, flags);
	tr->errors.nr = 0;
	tr->errors.oldest = 0;
	spin_unlock_irqrestore(&errors_lock, flags);
}

void tracing_show_errors(struct seq_file *m, const struct trace_array *tr)
{
	const struct trace_error_log *log = &tr->errors;
	struct trace_error err;
	unsigned long flags;
	bool there;
	u64 us;

	/* Each error is copied, and printed without the lock, which disables interrupts. */
	for (unsigned int i = 0; ; i++) {
		spin_lock_irqsave(&errors_lock, flags);
		there = i < log->nr;
		if (there)
			err = log->errors[(log->oldest + i) % TRACE_ERRORS_MAX];
		spin_unlock_irqrestore(&errors_lock, flags);
		if (!there)
			return;
		us = err.ns / NSEC_PER_USEC;
		seq_printf(m, "[%5llu.%06u] %s: error: %s\n", (unsigned long long)(us / 1000000),
			   (unsigned int)(us % 1000000), err.loc, err.text);
		seq_printf(m, "  Command: %s\n%*s^\n", err.cmd, (int)(11 + err.pos), "");
	}
}
