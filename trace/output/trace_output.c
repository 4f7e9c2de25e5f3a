/* SPDX-License-Identifier: MIT */
/*
 * The text of each entry type, in the default form and in the raw, hex and bin forms. The part of a
 * line before this text is made in trace_context.c, the lines above all in trace_header.c. Every
 * format is exactly Linux's.
 */
#include "trace/output/trace_output.h"
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/string.h"
#include "trace/output/trace.h"
#include "trace/output/trace_args.h"
#include "trace/output/trace_bprint.h"
#include "trace/output/trace_context.h"
#include "trace/output/trace_event_type.h"
#include "trace/output/trace_graph.h"

/*
 * The formats of one entry type. Except for text they may be NULL; then only the type is printed.
 */
struct entry_format {
	void (*text)(struct trace_seq *s, const struct trace_iterator *iter);
	void (*raw)(struct trace_seq *s, const struct trace_iterator *iter);
	void (*hex)(struct trace_seq *s, const struct trace_iterator *iter);
	void (*bin)(struct trace_seq *s, const struct trace_iterator *iter);
	unsigned int size;		/* the least size of an entry, in bytes */
};

void trace_print_lost(struct trace_seq *s, unsigned int cpu, unsigned long lost)
{
	trace_seq_printf(s, "CPU:%u [LOST %lu EVENTS]\n", cpu, lost);
}

void trace_print_symbol(struct trace_seq *s, unsigned long ip, u32 sym_flags, unsigned long back)
{
	unsigned long flags;
	struct ksym sym;

	if (!ip) {
		trace_seq_putc(s, '0');
		return;
	}
	/* Printed with interrupts off: once they are on, the name may be freed with its module. */
	flags = arch_irq_save();
	if (!kallsyms_lookup(ip - back, &sym)) {
		trace_seq_printf(s, "0x%08lx", ip);
	} else {
		trace_seq_puts(s, sym.name);
		if (sym_flags & TRACE_ITER_SYM_OFFSET)
			trace_seq_printf(s, *sym.module ? "+0x%lx/0x%lx [%s]" : "+0x%lx/0x%lx",
					 sym.offset + back, sym.size, sym.module);
	}
	arch_irq_restore(flags);
	if (sym_flags & TRACE_ITER_SYM_ADDR)
		trace_seq_printf(s, " <%0*lx>", (int)(2 * sizeof(ip)), ip);
}

/* --- TRACE_FN --- */

static void print_parent(struct trace_seq *s, unsigned long parent_ip, u32 flags)
{
	if ((flags & TRACE_ITER_PRINT_PARENT) && parent_ip) {
		trace_seq_puts(s, " <-");
		trace_print_symbol(s, parent_ip, flags, 1);
	}
}

static void print_call(struct trace_seq *s, unsigned long ip, unsigned long parent_ip, u32 flags)
{
	trace_print_symbol(s, ip, flags, 0);
	print_parent(s, parent_ip, flags);
}

static void fn_text(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct ftrace_entry *entry = (const void *)iter->ent;

	trace_print_symbol(s, entry->ip, iter->trace_flags, 0);
	if (iter->ent_size > sizeof(*entry))
		trace_print_args(s, entry->ip, entry->args, iter->ent_size - sizeof(*entry));
	print_parent(s, entry->parent_ip, iter->trace_flags);
	trace_seq_putc(s, '\n');
}

static void fn_raw(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct ftrace_entry *entry = (const void *)iter->ent;

	trace_seq_printf(s, "%lx %lx\n", entry->ip, entry->parent_ip);
}

static void fn_hex(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct ftrace_entry *entry = (const void *)iter->ent;

	trace_seq_putmem_hex(s, &entry->ip, sizeof(entry->ip));
	trace_seq_putmem_hex(s, &entry->parent_ip, sizeof(entry->parent_ip));
}

static void fn_bin(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct ftrace_entry *entry = (const void *)iter->ent;

	trace_seq_putmem(s, &entry->ip, sizeof(entry->ip));
	trace_seq_putmem(s, &entry->parent_ip, sizeof(entry->parent_ip));
}

/* --- TRACE_FUNC_REPEATS --- */

/* The time between the last of the repeated calls and this event. */
static u64 repeats_delta(const struct trace_iterator *iter)
{
	const struct func_repeats_entry *entry = (const void *)iter->ent;

	return (u64)entry->top_delta_ts << 32 | entry->bottom_delta_ts;
}

static void repeats_text(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct func_repeats_entry *entry = (const void *)iter->ent;

	print_call(s, entry->ip, entry->parent_ip, iter->trace_flags);
	trace_seq_printf(s, " (repeats: %u, last_ts:", entry->count);
	trace_print_time(s, iter, iter->ts - repeats_delta(iter));
	trace_seq_puts(s, ")\n");
}

static void repeats_raw(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct func_repeats_entry *entry = (const void *)iter->ent;

	trace_seq_printf(s, "%lu %lu %u %llu\n", entry->ip, entry->parent_ip, entry->count,
			 (unsigned long long)repeats_delta(iter));
}

/* --- TRACE_STACK --- */

static void stack_text(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct stack_entry *entry = (const void *)iter->ent;
	unsigned int room = (iter->ent_size - sizeof(*entry)) / sizeof(long);

	trace_seq_puts(s, "<stack trace>\n");
	for (unsigned int i = 0; i < room && i < (unsigned int)entry->size; i++) {
		trace_seq_puts(s, " => ");
		trace_print_symbol(s, entry->caller[i], iter->trace_flags, i != 0);
		trace_seq_putc(s, '\n');
	}
	/* If the event could not hold all addresses, its size still tells how many there were. */
	if ((unsigned int)entry->size > room)
		trace_seq_printf(s, " ... and %u more\n", (unsigned int)entry->size - room);
}

/* --- TRACE_PRINT --- */

/* Print the text up to its terminator, or to the end of the event. */
static void print_message(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct print_entry *entry = (const void *)iter->ent;

	trace_seq_putmem(s, entry->buf, strnlen(entry->buf, iter->ent_size - sizeof(*entry)));
}

static void printk_text(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct print_entry *entry = (const void *)iter->ent;

	trace_print_symbol(s, entry->ip, iter->trace_flags, 0);
	trace_seq_puts(s, ": ");
	print_message(s, iter);
}

static void printk_raw(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct print_entry *entry = (const void *)iter->ent;

	trace_seq_printf(s, "# %lx ", entry->ip);
	print_message(s, iter);
}

/* --- TRACE_BPRINT --- */

static void bprint_message(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct bprint_entry *entry = (const void *)iter->ent;

	trace_seq_bprintf(s, entry->fmt, entry->buf, iter->ent_size - sizeof(*entry));
}

static void bprint_text(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct bprint_entry *entry = (const void *)iter->ent;

	trace_print_symbol(s, entry->ip, iter->trace_flags, 0);
	trace_seq_puts(s, ": ");
	bprint_message(s, iter);
}

static void bprint_raw(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct bprint_entry *entry = (const void *)iter->ent;

	trace_seq_printf(s, ": %lx : ", entry->ip);
	bprint_message(s, iter);
}

/* --- TRACE_RAW_DATA --- */

static void raw_data_text(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct raw_data_entry *entry = (const void *)iter->ent;

	trace_seq_printf(s, "# %x buf:", entry->id);
	for (unsigned int i = 0; i < iter->ent_size - sizeof(*entry); i++)
		trace_seq_printf(s, " %02x", entry->buf[i]);
	trace_seq_putc(s, '\n');
}

/* --- TRACE_GRAPH_ENT and its kin, of a tracer that is not current any more --- */

static void graph_ent_text(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct ftrace_graph_ent_entry *entry = (const void *)iter->ent;

	trace_seq_puts(s, "graph_ent: func=");
	trace_print_symbol(s, entry->func, 0, 0);
	trace_seq_putc(s, '\n');
}

static void graph_ret_text(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct ftrace_graph_ret_entry *entry = (const void *)iter->ent;

	trace_seq_puts(s, "graph_ret: func=");
	trace_print_symbol(s, entry->func, 0, 0);
	trace_seq_putc(s, '\n');
}

/* --- TRACE_CTX, TRACE_WAKE --- */

static char state_letter(u8 index)
{
	static const char letters[] = "RSDTtXZPI";

	return index < sizeof(letters) - 1 ? letters[index] : '?';
}

static void threads_text(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct ctx_switch_entry *entry = (const void *)iter->ent;
	char comm[TRACE_COMM_LEN];

	trace_find_cmdline((int)entry->next_pid, comm);
	trace_seq_printf(s, " %7u:%3u:%c %s [%03u] %7u:%3u:%c %s\n", entry->prev_pid,
			 entry->prev_prio, state_letter(entry->prev_state),
			 entry->ent.type == TRACE_CTX ? "==>" : "  +", entry->next_cpu,
			 entry->next_pid, entry->next_prio, state_letter(entry->next_state), comm);
}

static void threads_raw(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct ctx_switch_entry *entry = (const void *)iter->ent;

	trace_seq_printf(s, "%u %u %c %u %u %u %c\n", entry->prev_pid, entry->prev_prio,
			 entry->ent.type == TRACE_CTX ? state_letter(entry->prev_state) : '+',
			 entry->next_cpu, entry->next_pid, entry->next_prio,
			 state_letter(entry->next_state));
}

/* --- Entries of unknown type, or too short for their type --- */

static void unknown_text(struct trace_seq *s, const struct trace_iterator *iter)
{
	trace_seq_printf(s, "Unknown type %u\n", iter->ent->type);
}

static void unknown_raw(struct trace_seq *s, const struct trace_iterator *iter)
{
	trace_seq_printf(s, "%u ?\n", iter->ent->type);
}

static void no_output(struct trace_seq *s, const struct trace_iterator *iter)
{
}

/* By type, which is never 0: that is how what is unknown is printed. */
static const struct entry_format entry_formats[] = {
	[0] = { unknown_text, unknown_raw, no_output, no_output, 0 },
	[TRACE_FN] = { fn_text, fn_raw, fn_hex, fn_bin, sizeof(struct ftrace_entry) },
	[TRACE_CTX] = { threads_text, threads_raw, NULL, NULL, sizeof(struct ctx_switch_entry) },
	[TRACE_WAKE] = { threads_text, threads_raw, NULL, NULL, sizeof(struct ctx_switch_entry) },
	[TRACE_STACK] = { stack_text, NULL, NULL, NULL, sizeof(struct stack_entry) },
	[TRACE_PRINT] = { printk_text, printk_raw, NULL, NULL, sizeof(struct print_entry) },
	[TRACE_BPRINT] = { bprint_text, bprint_raw, NULL, NULL, sizeof(struct bprint_entry) },
	[TRACE_GRAPH_ENT] = { graph_ent_text, NULL, NULL, NULL,
			      sizeof(struct ftrace_graph_ent_entry) },
	[TRACE_GRAPH_RETADDR_ENT] = { graph_ent_text, NULL, NULL, NULL,
				      sizeof(struct ftrace_graph_retaddr_entry) },
	[TRACE_GRAPH_RET] = { graph_ret_text, NULL, NULL, NULL,
			      sizeof(struct ftrace_graph_ret_entry) },
	[TRACE_RAW_DATA] = { raw_data_text, raw_data_text, NULL, NULL,
			     sizeof(struct raw_data_entry) },
	[TRACE_FUNC_REPEATS] = { repeats_text, repeats_raw, NULL, NULL,
				 sizeof(struct func_repeats_entry) },
	[TRACE_EVENT_TYPE_FIRST] = { trace_event_type_text, NULL, NULL, NULL, 0 },
};

static const struct entry_format *find_format(const struct trace_iterator *iter)
{
	unsigned int type = iter->ent->type;

	if (trace_event_type_known(type))
		type = TRACE_EVENT_TYPE_FIRST;
	else if (type >= TRACE_EVENT_TYPE_FIRST || !entry_formats[type].text ||
	    iter->ent_size < entry_formats[type].size)
		type = 0;
	return &entry_formats[type];
}

static void print_part(struct trace_seq *s, const struct trace_iterator *iter,
		       void (*part)(struct trace_seq *, const struct trace_iterator *))
{
	if (part)
		part(s, iter);
	else
		trace_seq_printf(s, "type: %u\n", iter->ent->type);
}

/* As a comment in a trace of function_graph, a message has no address. */
void trace_print_text(struct trace_seq *s, const struct trace_iterator *iter)
{
	if (iter->ent->type == TRACE_PRINT)
		print_message(s, iter);
	else if (iter->ent->type == TRACE_BPRINT)
		bprint_message(s, iter);
	else
		find_format(iter)->text(s, iter);
}

/* In a trace of calls, too, stacks and the events of the tracer function have their usual lines. */
static bool is_graph_line(const struct trace_iterator *iter)
{
	return iter->iter_flags & TRACE_FILE_GRAPH && iter->ent->type != TRACE_FN &&
	       iter->ent->type != TRACE_STACK;
}

static void print_default(struct trace_seq *s, struct trace_iterator *iter)
{
	trace_print_cpu_started(s, iter);
	if (is_graph_line(iter)) {
		trace_print_graph_line(s, iter);
		return;
	}
	if (iter->trace_flags & TRACE_ITER_CONTEXT_INFO)
		trace_print_context(s, iter);
	find_format(iter)->text(s, iter);
}

static void print_in_raw(struct trace_seq *s, struct trace_iterator *iter)
{
	if (iter->trace_flags & TRACE_ITER_CONTEXT_INFO)
		trace_seq_printf(s, "%d %u %llu ", iter->ent->pid, iter->cpu,
				 (unsigned long long)iter->ts);
	print_part(s, iter, find_format(iter)->raw);
}

static void print_in_hex(struct trace_seq *s, struct trace_iterator *iter)
{
	if (iter->trace_flags & TRACE_ITER_CONTEXT_INFO) {
		trace_seq_putmem_hex(s, &iter->ent->pid, sizeof(iter->ent->pid));
		trace_seq_putmem_hex(s, &iter->cpu, sizeof(iter->cpu));
		trace_seq_putmem_hex(s, &iter->ts, sizeof(iter->ts));
	}
	print_part(s, iter, find_format(iter)->hex);
	trace_seq_putc(s, '\n');
}

static void print_in_bin(struct trace_seq *s, struct trace_iterator *iter)
{
	if (iter->trace_flags & TRACE_ITER_CONTEXT_INFO) {
		trace_seq_putmem(s, &iter->ent->pid, sizeof(iter->ent->pid));
		trace_seq_putmem(s, &iter->cpu, sizeof(iter->cpu));
		trace_seq_putmem(s, &iter->ts, sizeof(iter->ts));
	}
	print_part(s, iter, find_format(iter)->bin);
}

void trace_print_line(struct trace_seq *s, struct trace_iterator *iter)
{
	u32 flags = iter->trace_flags;
	bool only = flags & TRACE_ITER_PRINTK && flags & TRACE_ITER_PRINTK_MSGONLY;

	/* If several options for the form are set, this order decides, as on Linux. */
	if (iter->lost_events)
		trace_print_lost(s, iter->cpu, iter->lost_events);
	if (only && find_format(iter)->text == printk_text)
		print_message(s, iter);
	else if (only && find_format(iter)->text == bprint_text)
		bprint_message(s, iter);
	else if (flags & TRACE_ITER_BIN)
		print_in_bin(s, iter);
	else if (flags & TRACE_ITER_HEX)
		print_in_hex(s, iter);
	else if (flags & TRACE_ITER_RAW)
		print_in_raw(s, iter);
	else
		print_default(s, iter);
}
