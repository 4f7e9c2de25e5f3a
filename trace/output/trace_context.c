/* SPDX-License-Identifier: MIT */
/*
 * The left half of a line of the trace: the thread, its CPU and state, and the time
 * (docs/reference.md, "Lines of a trace"). The default form is made without printf, which would be
 * most of the cost of a line.
 */
#include "trace/output/trace_context.h"
#include "kernel/lib/string.h"
#include "trace/output/trace.h"

#define USEC_PER_SEC 1000000u

/* The name of @pid. It is cached, because a walk over the threads for each line would be slow. */
static const char *cached_comm(struct trace_iterator *iter, int pid)
{
	unsigned int slot = (unsigned int)pid % COMM_CACHE_SIZE;

	if (!iter->comm_cache[slot].valid || iter->comm_cache[slot].pid != pid) {
		trace_find_cmdline(pid, iter->comm_cache[slot].comm);
		iter->comm_cache[slot].pid = pid;
		iter->comm_cache[slot].valid = true;
	}
	return iter->comm_cache[slot].comm;
}

static void put_pid(struct trace_seq *s, int pid)
{
	size_t start = s->len;

	if (pid < 0)
		trace_seq_putc(s, '-');
	trace_seq_dec(s, pid < 0 ? 0u - (u32)pid : (u32)pid, 0, ' ');
	while (!s->full && s->len < start + 7)
		trace_seq_putc(s, ' ');
}

static char irqs_off_char(u8 flags)
{
	if (flags & TRACE_FLAG_IRQS_OFF)
		return flags & TRACE_FLAG_BH_OFF ? 'D' : 'd';
	return flags & TRACE_FLAG_BH_OFF ? 'b' : '.';
}

static char need_resched_char(u8 flags)
{
	switch (flags & (TRACE_FLAG_NEED_RESCHED | TRACE_FLAG_PREEMPT_RESCHED)) {
	case TRACE_FLAG_NEED_RESCHED | TRACE_FLAG_PREEMPT_RESCHED:
		return 'N';
	case TRACE_FLAG_NEED_RESCHED:
		return 'n';
	case TRACE_FLAG_PREEMPT_RESCHED:
		return 'p';
	default:
		return '.';
	}
}

static char context_char(u8 flags)
{
	if (flags & TRACE_FLAG_NMI)
		return flags & TRACE_FLAG_HARDIRQ ? 'Z' : 'z';
	if (flags & TRACE_FLAG_HARDIRQ)
		return flags & TRACE_FLAG_SOFTIRQ ? 'H' : 'h';
	return flags & TRACE_FLAG_SOFTIRQ ? 's' : '.';
}

static char depth_char(unsigned int depth)
{
	return depth ? "0123456789abcdef"[depth & 15] : '.';
}

void trace_print_state(struct trace_seq *s, const struct trace_entry *entry)
{
	char chars[5];

	chars[0] = irqs_off_char(entry->flags);
	chars[1] = need_resched_char(entry->flags);
	chars[2] = context_char(entry->flags);
	chars[3] = depth_char(entry->preempt_count & 15);
	chars[4] = depth_char(entry->preempt_count >> 4);
	trace_seq_putmem(s, chars, sizeof(chars));
}

void trace_print_time(struct trace_seq *s, const struct trace_iterator *iter, u64 ts)
{
	u64 us, seconds;

	trace_seq_putc(s, ' ');
	if (!(iter->iter_flags & TRACE_FILE_TIME_IN_NS)) {
		trace_seq_dec(s, ts, 12, ' ');
		return;
	}
	/* Only one division, because dividing 64 bits is a library call on a 32-bit machine. */
	us = trace_ns_to_us(ts);
	seconds = us / USEC_PER_SEC;
	trace_seq_dec(s, seconds, 5, ' ');
	trace_seq_putc(s, '.');
	trace_seq_dec(s, us - seconds * USEC_PER_SEC, 6, '0');
}

static void print_default_context(struct trace_seq *s, struct trace_iterator *iter)
{
	trace_seq_pad(s, cached_comm(iter, iter->ent->pid), 16);
	trace_seq_putc(s, '-');
	put_pid(s, iter->ent->pid);
	trace_seq_puts(s, " [");
	trace_seq_dec(s, iter->cpu, 3, '0');
	trace_seq_puts(s, "] ");
	if (iter->trace_flags & TRACE_ITER_IRQ_INFO)
		trace_print_state(s, iter->ent);
	trace_print_time(s, iter, iter->ts);
	trace_seq_puts(s, ": ");
}

char trace_delay_mark(u64 ns)
{
	static const struct {
		u64 more_than;
		char mark;
	/* The first match counts, so the longest times come first. */
	} marks[] = {
		{ 1000000000, '$' }, { 100000000, '@' }, { 10000000, '*' },
		{ 1000000, '#' }, { 100000, '!' }, { 10000, '+' },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(marks); i++) {
		if (ns > marks[i].more_than)
			return marks[i].mark;
	}
	return ' ';
}

static void print_latency_time(struct trace_seq *s, const struct trace_iterator *iter)
{
	bool verbose = iter->trace_flags & TRACE_ITER_VERBOSE;
	u64 since = iter->ts - iter->time_start;
	u64 rel = iter->next_ts - iter->ts;
	u64 since_us = trace_ns_to_us(since), rel_us = trace_ns_to_us(rel);

	/* Both are rounded first, so that the digits and the mark agree. */
	if (!(iter->iter_flags & TRACE_FILE_TIME_IN_NS)) {
		if (verbose)
			trace_seq_printf(s, "[%016llx] %lld (+%lld): ",
					 (unsigned long long)iter->ts, (long long)since,
					 (long long)rel);
		else
			trace_seq_printf(s, " %4lld: ", (long long)since);
	} else if (verbose) {
		trace_seq_printf(s, "[%08llx] %lld.%03ldms (+%lld.%03ldms): ",
				 (unsigned long long)trace_ns_to_us(iter->ts),
				 (long long)(since_us / 1000), (long)(since_us % 1000),
				 (long long)(rel_us / 1000), (long)(rel_us % 1000));
	} else {
		trace_seq_printf(s, " %4lldus%c: ", (long long)since_us,
				 trace_delay_mark(rel_us * NSEC_PER_USEC));
	}
}

static void print_latency_context(struct trace_seq *s, struct trace_iterator *iter)
{
	const struct trace_entry *entry = iter->ent;
	const char *comm = cached_comm(iter, entry->pid);

	if (iter->trace_flags & TRACE_ITER_VERBOSE) {
		trace_seq_printf(s, "%16s %7d %3u %d %08x %08lx ", comm, entry->pid, iter->cpu,
				 entry->flags, entry->preempt_count & 15, iter->idx);
	} else {
		trace_seq_printf(s, "%8.8s-%-7d %3u", comm, entry->pid, iter->cpu);
		trace_print_state(s, entry);
	}
	print_latency_time(s, iter);
}

void trace_print_context(struct trace_seq *s, struct trace_iterator *iter)
{
	if (iter->iter_flags & TRACE_FILE_LAT_FMT)
		print_latency_context(s, iter);
	else
		print_default_context(s, iter);
}

/*
 * If the oldest events of a CPU were overwritten, its lines begin later than those of other CPUs.
 */
void trace_print_cpu_started(struct trace_seq *s, struct trace_iterator *iter)
{
	u32 bit = 1u << (iter->cpu & 31);

	if (!(iter->trace_flags & TRACE_ITER_ANNOTATE) ||
	    !(iter->iter_flags & TRACE_FILE_ANNOTATE) || (iter->cpus_started & bit))
		return;
	iter->cpus_started |= bit;
	/* Nothing is printed for the first event of all. */
	if (iter->idx > 1)
		trace_seq_printf(s, "##### CPU %u buffer started ####\n", iter->cpu);
}
