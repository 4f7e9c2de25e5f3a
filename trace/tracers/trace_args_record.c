/* SPDX-License-Identifier: MIT */
/*
 * Takes down the arguments of a call: the words that the function's prototype has, and a copy of
 * each string, because its memory may change before the trace is read. A pointer that leads nowhere
 * is no harm: strings are read by loads that may fault. Untraced.
 */
#include "trace/tracers/trace_args_record.h"
#include "kernel/arch.h"
#include "trace/output/prototypes.h"
#include "trace/output/trace_args.h"
#include "trace/output/trace_event.h"
#include "trace/ring_buffer/ring_buffer_write.h"

#define PART 16u			/* bytes of a string that are read at once, within a page */

struct call_args {
	unsigned int size;
	u8 bytes[TRACE_ARGS_WORDS * sizeof(long) + TRACE_ARGS_STRINGS];
};

/* Copy the string at @from behind its length at @to[@room]. Returns the bytes that are used. */
static unsigned int copy_string(u8 *to, unsigned int room, unsigned long from)
{
	unsigned int most = min(room - 1, (unsigned int)TRACE_STRING_MAX), len = 0;
	u8 part[PART];

	for (;;) {
		/* No part reaches into another page: a string is read up to the last mapped one. */
		unsigned int nr = PART - (unsigned int)(from % PART);

		if (arch_read_nofault(part, (const void *)from, nr)) {
			*to = (u8)(len ? len | TRACE_STRING_CUT : TRACE_STRING_UNREADABLE);
			return 1 + len;
		}
		for (unsigned int i = 0; i < nr; i++) {
			if (!part[i] || len == most) {
				*to = (u8)(len | (part[i] ? TRACE_STRING_CUT : 0));
				return 1 + len;
			}
			to[1 + len++] = part[i];
		}
		from += nr;
	}
}

static void take_strings(struct call_args *args, const struct prototype *prototype,
			 const unsigned long *words, unsigned int nr)
{
	struct prototype_walk walk;
	struct prototype_arg arg;

	prototype_walk_start(&walk, prototype);
	while (args->size < sizeof(args->bytes) && prototype_walk_next(&walk, &arg)) {
		/* Beyond the recorded words the reader looks for none either. */
		if (arg.word + arg.nr_words > nr && arg.nr_words)
			break;
		if (arg.type.kind == PROTOTYPE_STRING && arg.nr_words)
			args->size += copy_string(&args->bytes[args->size],
						  (unsigned int)sizeof(args->bytes) - args->size,
						  words[arg.word]);
	}
}

static void take_args(struct call_args *args, unsigned long ip, const struct ftrace_regs *fregs)
{
	unsigned long flags = arch_irq_save(), words[TRACE_ARGS_WORDS];
	struct prototype prototype;
	unsigned int nr;

	args->size = 0;
	/* With interrupts off, so that a module's table stays. */
	if (prototype_find(&prototype, ip)) {
		nr = prototype_words(&prototype, TRACE_ARGS_WORDS);
		arch_ftrace_read_args(fregs, words, nr);
		args->size = nr * (unsigned int)sizeof(words[0]);
		memcpy(args->bytes, words, args->size);
		take_strings(args, &prototype, words, nr);
	}
	arch_irq_restore(flags);
}

void trace_record_call_args(struct trace_array *tr, unsigned long ip, unsigned long parent_ip,
			    u32 ctx, const struct ftrace_regs *fregs)
{
	struct ring_buffer_event *event;
	struct ftrace_entry *entry;
	struct call_args args;

	take_args(&args, ip, fregs);
	event = ring_buffer_lock_reserve(tr->buffer, sizeof(*entry) + args.size);
	if (!event)
		return;
	entry = ring_buffer_event_data(event);
	trace_entry_init(&entry->ent, TRACE_FN, ctx);
	entry->ip = ip;
	entry->parent_ip = parent_ip;
	memcpy(entry->args, args.bytes, args.size);
	ring_buffer_unlock_commit(tr->buffer);
}

void trace_record_graph_entry(struct trace_array *tr, const struct ftrace_graph_ent *trace, u32 ctx,
			      const struct ftrace_regs *fregs, unsigned long retaddr)
{
	unsigned int fixed = retaddr ? sizeof(struct ftrace_graph_retaddr_entry) :
				       sizeof(struct ftrace_graph_ent_entry);
	struct ftrace_graph_retaddr_entry *entry;
	struct ring_buffer_event *event;
	struct call_args args;

	args.size = 0;
	if (fregs)
		take_args(&args, trace->func, fregs);
	event = ring_buffer_lock_reserve(tr->buffer, fixed + args.size);
	if (!event)
		return;
	/* The two types begin with the same fields. */
	entry = ring_buffer_event_data(event);
	trace_entry_init(&entry->ent, retaddr ? TRACE_GRAPH_RETADDR_ENT : TRACE_GRAPH_ENT, ctx);
	entry->func = trace->func;
	entry->depth = (unsigned long)trace->depth;
	if (retaddr)
		entry->retaddr = retaddr;
	memcpy((u8 *)entry + fixed, args.bytes, args.size);
	ring_buffer_unlock_commit(tr->buffer);
}

void trace_record_graph_result(struct trace_array *tr, const struct ftrace_graph_ret *trace,
			       u64 calltime, u64 rettime, u32 ctx, const struct ftrace_regs *fregs)
{
	struct ring_buffer_event *event;
	struct ftrace_graph_result_entry *entry;

	event = ring_buffer_lock_reserve(tr->buffer, sizeof(*entry));
	if (!event)
		return;
	entry = ring_buffer_event_data(event);
	trace_entry_init(&entry->ret.ent, TRACE_GRAPH_RET, ctx);
	entry->ret.func = trace->func;
	entry->ret.retval = ftrace_regs_get_return_value(fregs);
	entry->ret.depth = trace->depth;
	entry->ret.overrun = trace->overrun;
	entry->ret.calltime = calltime;
	entry->ret.rettime = rettime;
	/* The second register of a result is that of the second argument, on both architectures. */
	entry->retval_high = ftrace_regs_get_argument(fregs, 1);
	ring_buffer_unlock_commit(tr->buffer);
}
