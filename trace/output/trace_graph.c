/* SPDX-License-Identifier: MIT */
/*
 * The text of a trace of the tracer function_graph: calls as C would write them, with durations.
 * The columns before the text depend on the tracer's options. Every format is exactly Linux's. A
 * call that no other event of its CPU lies in is one line; trace_reader.c finds its return.
 */
#include "trace/output/trace_graph.h"
#include "kernel/lib/string.h"
#include "trace/output/trace.h"
#include "trace/output/trace_args.h"
#include "trace/output/trace_context.h"

#define PROC_WIDTH 14			/* of COMM-PID */
#define COMM_WIDTH 7
#define DURATION_WIDTH 8
#define USEC_PER_SEC 1000000u
#define INDENT 2
#define RULE " ------------------------------------------\n"

static bool has(const struct trace_iterator *iter, u32 option)
{
	return iter->graph_flags & option;
}

static void put_spaces(struct trace_seq *s, int nr)
{
	while (nr-- > 0)
		trace_seq_putc(s, ' ');
}

/* --- Above the first line --- */

/* What the letters of the latency format mean, above their column. */
static void print_letters(struct trace_seq *s, const struct trace_iterator *iter)
{
	static const char *const lines[] = {
		"  _-----=> irqs-off        \n", " / _----=> need-resched    \n",
		"| / _---=> hardirq/softirq \n", "|| / _--=> preempt-depth   \n",
		"||| /                      \n",
	};
	int left = (has(iter, TRACE_GRAPH_PRINT_ABS_TIME) ? 16 : 0) +
		   (has(iter, TRACE_GRAPH_PRINT_REL_TIME) ? 16 : 0) +
		   (has(iter, TRACE_GRAPH_PRINT_CPU) ? 4 : 0) +
		   (has(iter, TRACE_GRAPH_PRINT_PROC) ? 17 : 0);

	/* Linux's text for the spaces is not longer than three of the columns. */
	left = min(left, 16 + 4 + 17);
	for (unsigned int i = 0; i < ARRAY_SIZE(lines); i++) {
		trace_seq_putc(s, '#');
		put_spaces(s, left);
		trace_seq_puts(s, lines[i]);
	}
}

void trace_print_graph_header(struct trace_seq *s, const struct trace_iterator *iter)
{
	bool latency = iter->trace_flags & TRACE_ITER_LATENCY_FMT;
	static const struct {
		u32 option;
		const char *first, *second;
	} columns[] = {
		{ TRACE_GRAPH_PRINT_ABS_TIME, "     TIME       ", "      |         " },
		{ TRACE_GRAPH_PRINT_REL_TIME, "   REL TIME     ", "      |         " },
		{ TRACE_GRAPH_PRINT_CPU, " CPU", " |  " },
		{ TRACE_GRAPH_PRINT_PROC, "  TASK/PID       ", "   |    |        " },
		{ 0, "||||   ", "||||   " },
		{ TRACE_GRAPH_PRINT_DURATION, "  DURATION   ", "   |   |      " },
	};

	if (latency)
		print_letters(s, iter);
	/* A column has a title above and its mark below, and neither when the option is off. */
	for (unsigned int line = 0; line < 2; line++) {
		trace_seq_putc(s, '#');
		for (unsigned int i = 0; i < ARRAY_SIZE(columns); i++) {
			if (columns[i].option ? has(iter, columns[i].option) : latency)
				trace_seq_puts(s, line ? columns[i].second : columns[i].first);
		}
		trace_seq_puts(s, line ? "               |   |   |   |\n" :
			       "               FUNCTION CALLS\n");
	}
}

/* --- The columns before the text --- */

static void print_cpu(struct trace_seq *s, const struct trace_iterator *iter)
{
	trace_seq_putc(s, ' ');
	trace_seq_dec(s, iter->cpu, iter->nr_cpus > 10 ? 2 : 1, ' ');
	trace_seq_puts(s, ") ");
}

/* COMM-PID in the middle of its column; the name may be cut. */
static void print_proc(struct trace_seq *s, int pid)
{
	char comm[TRACE_COMM_LEN];
	size_t start = s->len, width, spaces;

	trace_find_cmdline(pid, comm);
	comm[COMM_WIDTH] = '\0';
	trace_seq_printf(s, "%s-%d", comm, pid);
	width = s->len - start;
	spaces = width < PROC_WIDTH ? PROC_WIDTH - width : 0;
	if (s->full)
		return;
	/* Its width is known now: write it again, behind the spaces. */
	s->len = start;
	put_spaces(s, (int)(spaces / 2));
	trace_seq_printf(s, "%s-%d", comm, pid);
	put_spaces(s, (int)(spaces - spaces / 2));
}

/* If another thread than before runs on this CPU, say so. */
static void print_switch(struct trace_seq *s, struct trace_iterator *iter)
{
	struct trace_graph_cpu *cpu = &iter->graph_cpus[iter->cpu];
	int before = cpu->pid, pid = iter->ent->pid;

	if (cpu->started && before == pid)
		return;
	/* With the first event of a CPU it is not known who ran before. */
	cpu->pid = pid;
	if (!cpu->started) {
		cpu->started = true;
		return;
	}
	trace_seq_puts(s, RULE);
	print_cpu(s, iter);
	print_proc(s, before);
	trace_seq_puts(s, " => ");
	print_proc(s, pid);
	trace_seq_puts(s, "\n" RULE "\n");
}

/* The columns before that of the duration, in a line about thread @pid. */
static void print_context(struct trace_seq *s, const struct trace_iterator *iter, int pid)
{
	if (!(iter->trace_flags & TRACE_ITER_CONTEXT_INFO))
		return;
	if (has(iter, TRACE_GRAPH_PRINT_ABS_TIME)) {
		u64 us = iter->ts / NSEC_PER_USEC, seconds = us / USEC_PER_SEC;

		/* The rest by a product: on i386 a division of 64 bits is a function call. */
		trace_seq_dec(s, seconds, 5, ' ');
		trace_seq_putc(s, '.');
		trace_seq_dec(s, us - seconds * USEC_PER_SEC, 6, '0');
		trace_seq_puts(s, " |  ");
	}
	if (has(iter, TRACE_GRAPH_PRINT_REL_TIME)) {
		trace_seq_dec(s, (iter->ts - iter->time_start) / NSEC_PER_USEC, 9, ' ');
		trace_seq_puts(s, " us |  ");
	}
	if (has(iter, TRACE_GRAPH_PRINT_CPU))
		print_cpu(s, iter);
	if (has(iter, TRACE_GRAPH_PRINT_PROC)) {
		print_proc(s, pid);
		trace_seq_puts(s, " | ");
	}
	if (iter->trace_flags & TRACE_ITER_LATENCY_FMT) {
		trace_seq_putc(s, ' ');
		trace_print_state(s, iter->ent);
		trace_seq_puts(s, " | ");
	}
}

/* An arrow stands where the duration would. */
static void print_irq_mark(struct trace_seq *s, const struct trace_iterator *iter, int pid,
			   const char *arrow)
{
	bool framed = has(iter, TRACE_GRAPH_PRINT_DURATION) &&
		iter->trace_flags & TRACE_ITER_CONTEXT_INFO;

	print_context(s, iter, pid);
	trace_seq_printf(s, framed ? "  %s |\n" : "%s\n", arrow);
}

/*
 * What begins a line. Above it, in lines of their own, which come even if the columns are off: that
 * the interrupt is over in which the CPU's last event was, that another thread runs, and that this
 * event is in an interrupt.
 */
static void print_columns(struct trace_seq *s, struct trace_iterator *iter)
{
	struct trace_graph_cpu *cpu = &iter->graph_cpus[iter->cpu];
	bool was_in_irq = cpu->in_irq;

	cpu->in_irq = iter->ent->flags & (TRACE_FLAG_HARDIRQ | TRACE_FLAG_NMI);
	if (was_in_irq && !cpu->in_irq)
		print_irq_mark(s, iter, cpu->pid, "<==========");
	print_switch(s, iter);
	if (cpu->in_irq && !was_in_irq)
		print_irq_mark(s, iter, cpu->pid, "==========>");
	print_context(s, iter, iter->ent->pid);
}

/* Microseconds, and nanoseconds as far as they fit into seven digits. */
void trace_print_graph_duration(struct trace_seq *s, u64 ns)
{
	u64 us = ns / NSEC_PER_USEC;
	unsigned int rest = (unsigned int)(ns - us * NSEC_PER_USEC);
	size_t start = s->len, digits;

	trace_seq_dec(s, us, 1, ' ');
	digits = s->len - start;
	if (digits < DURATION_WIDTH - 1) {
		unsigned int room = min((unsigned int)(DURATION_WIDTH - 1 - digits), 3u);

		/* The digits for which there is no room are cut off, as on Linux. */
		trace_seq_putc(s, '.');
		trace_seq_dec(s, room == 3 ? rest : room == 2 ? rest / 10 : rest / 100, room, '0');
	}
	digits = s->len - start;
	trace_seq_puts(s, " us ");
	put_spaces(s, DURATION_WIDTH - (int)digits);
}

static void print_duration(struct trace_seq *s, const struct trace_iterator *iter, u64 ns)
{
	if (!has(iter, TRACE_GRAPH_PRINT_DURATION) ||
	    !(iter->trace_flags & TRACE_ITER_CONTEXT_INFO))
		return;
	trace_seq_putc(s, has(iter, TRACE_GRAPH_PRINT_OVERHEAD) ? trace_delay_mark(ns) : ' ');
	trace_seq_putc(s, ' ');
	trace_print_graph_duration(s, ns);
	trace_seq_puts(s, "|  ");
}

static void print_no_duration(struct trace_seq *s, const struct trace_iterator *iter)
{
	if (!has(iter, TRACE_GRAPH_PRINT_DURATION) ||
	    !(iter->trace_flags & TRACE_ITER_CONTEXT_INFO))
		return;
	put_spaces(s, PROC_WIDTH);
	trace_seq_puts(s, "|  ");
}

/* --- The text --- */

/*
 * By the type if it is known. Otherwise what looks like an error is shown as a number, and
 * everything else as it is in the register.
 */
static void print_result(struct trace_seq *s, const struct trace_iterator *iter,
			 const struct ftrace_graph_ret_entry *ret, unsigned int size)
{
	const struct ftrace_graph_result_entry *wide = (const void *)ret;
	bool is_wide = size >= sizeof(*wide);
	unsigned long result = ret->retval;
	long number = (long)result;

	if (!has(iter, TRACE_GRAPH_PRINT_RETVAL_HEX) &&
	    trace_print_result(s, ret->func, result, is_wide ? wide->retval_high : 0, is_wide)) {
		trace_seq_puts(s, " */\n");
		return;
	}

	/* An int's sign is not extended in a 64-bit register. */
	if (sizeof(long) > 4 && !(result >> 32))
		number = (int)(u32)result;
	if (has(iter, TRACE_GRAPH_PRINT_RETVAL_HEX) || number >= 0 || number < -4095)
		trace_seq_printf(s, "= 0x%lx */\n", result);
	else
		trace_seq_printf(s, "= %ld */\n", number);
}

static bool shows_result(const struct trace_iterator *iter, unsigned long func)
{
	return has(iter, TRACE_GRAPH_PRINT_RETVAL) && !trace_has_no_result(func);
}

static bool has_retaddr(const struct trace_iterator *iter)
{
	return iter->ent->type == TRACE_GRAPH_RETADDR_ENT;
}

/* The function's name and its arguments, if they were recorded. */
static void print_call(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct ftrace_graph_ent_entry *entry = (const void *)iter->ent;
	unsigned int fixed = has_retaddr(iter) ? sizeof(struct ftrace_graph_retaddr_entry) :
						 sizeof(*entry);

	trace_print_symbol(s, entry->func, 0, 0);
	if (iter->ent_size > fixed)
		trace_print_args(s, entry->func, (const u8 *)entry + fixed, iter->ent_size - fixed);
	else
		trace_seq_puts(s, "()");
}

/*
 * Where the call returns to, with the offset, as Linux shows it. False if that was not recorded, or
 * is not to be shown any more.
 */
static bool print_retaddr(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct ftrace_graph_retaddr_entry *entry = (const void *)iter->ent;

	if (!has_retaddr(iter) || !has(iter, TRACE_GRAPH_PRINT_RETADDR))
		return false;
	trace_seq_puts(s, " /* <-");
	trace_print_symbol(s, entry->retaddr, iter->trace_flags | TRACE_ITER_SYM_OFFSET, 1);
	return true;
}

static void print_entry(struct trace_seq *s, struct trace_iterator *iter)
{
	const struct ftrace_graph_ent_entry *entry = (const void *)iter->ent;
	const struct ftrace_graph_ret_entry *leaf = iter->leaf;
	bool result = leaf && shows_result(iter, entry->func), retaddr;
	struct trace_graph_cpu *cpu = &iter->graph_cpus[iter->cpu];

	print_columns(s, iter);
	if (leaf)
		print_duration(s, iter, leaf->rettime - leaf->calltime);
	else
		print_no_duration(s, iter);
	put_spaces(s, (int)entry->depth * INDENT);
	print_call(s, iter);
	cpu->depth = (int)entry->depth - (leaf ? 1 : 0);
	if (!leaf && entry->depth < ARRAY_SIZE(cpu->open))
		cpu->open[entry->depth] = entry->func;
	/* In one comment, if a line has both: where the call returns to, and with what. */
	trace_seq_puts(s, leaf ? ";" : " {");
	retaddr = print_retaddr(s, iter);
	if (result) {
		trace_seq_puts(s, retaddr ? " " : " /* ");
		print_result(s, iter, leaf, iter->leaf_size);
	} else {
		trace_seq_puts(s, retaddr ? " */\n" : "\n");
	}
}

static void print_return(struct trace_seq *s, struct trace_iterator *iter)
{
	const struct ftrace_graph_ret_entry *entry = (const void *)iter->ent;
	struct trace_graph_cpu *cpu = &iter->graph_cpus[iter->cpu];
	bool is_open = true;

	/* If its entry is not in the trace, or deeper than is kept here, the name is needed. */
	if ((unsigned int)entry->depth < ARRAY_SIZE(cpu->open)) {
		is_open = cpu->open[entry->depth] == entry->func;
		cpu->open[entry->depth] = 0;
	}
	cpu->depth = entry->depth - 1;
	print_columns(s, iter);
	print_duration(s, iter, entry->rettime - entry->calltime);
	put_spaces(s, entry->depth * INDENT);
	trace_seq_putc(s, '}');
	if (shows_result(iter, entry->func)) {
		trace_seq_puts(s, " /* ");
		trace_print_symbol(s, entry->func, 0, 0);
		trace_seq_putc(s, ' ');
		print_result(s, iter, entry, iter->ent_size);
	} else if (is_open && !has(iter, TRACE_GRAPH_PRINT_TAIL)) {
		trace_seq_putc(s, '\n');
	} else {
		trace_seq_puts(s, " /* ");
		trace_print_symbol(s, entry->func, 0, 0);
		trace_seq_puts(s, " */\n");
	}
	if (has(iter, TRACE_GRAPH_PRINT_OVERRUN))
		trace_seq_printf(s, " (Overruns: %u)\n", entry->overrun);
}

/* Any other event, at the depth of what the innermost open function calls. */
static void print_comment(struct trace_seq *s, struct trace_iterator *iter)
{
	print_columns(s, iter);
	print_no_duration(s, iter);
	put_spaces(s, (iter->graph_cpus[iter->cpu].depth + 1) * INDENT);
	trace_seq_puts(s, "/* ");
	trace_print_text(s, iter);
	if (s->len && s->buffer[s->len - 1] == '\n')
		s->len--;
	trace_seq_puts(s, " */\n");
}

void trace_print_graph_line(struct trace_seq *s, struct trace_iterator *iter)
{
	if (iter->cpu >= ARRAY_SIZE(iter->graph_cpus))
		return;
	if (iter->ent->type == TRACE_GRAPH_ENT &&
	    iter->ent_size >= sizeof(struct ftrace_graph_ent_entry))
		print_entry(s, iter);
	else if (has_retaddr(iter) && iter->ent_size >= sizeof(struct ftrace_graph_retaddr_entry))
		print_entry(s, iter);
	else if (iter->ent->type == TRACE_GRAPH_RET &&
		 iter->ent_size >= sizeof(struct ftrace_graph_ret_entry))
		print_return(s, iter);
	else
		print_comment(s, iter);
}
