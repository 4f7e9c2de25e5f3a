/* SPDX-License-Identifier: MIT */
/* The text of a dynamic event's record, as Linux has it. Untraced: reports print events. */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "trace/probes/probe.h"

static void print_signed(struct trace_seq *s, u64 value, unsigned int size)
{
	unsigned int unused = 64 - 8 * size;

	trace_seq_printf(s, "%lld", (long long)((s64)(value << unused) >> unused));
}

static void print_number(struct trace_seq *s, const struct probe_type *type, const char *at)
{
	u64 value = 0;

	memcpy(&value, at, type->size);
	switch (type->print) {
	case PRINT_SIGNED:
		print_signed(s, value, type->size);
		break;
	case PRINT_HEX:
		trace_seq_printf(s, "0x%llx", (unsigned long long)value);
		break;
	case PRINT_CHAR:
		trace_seq_printf(s, "'%c'", (char)value);
		break;
	case PRINT_SYMBOL:
		trace_seq_printf(s, "%pS", (void *)(unsigned long)value);
		break;
	default:
		trace_seq_printf(s, "%llu", (unsigned long long)value);
	}
}

/* A record of another size than was written is nobody's; but it is read by its own words. */
static void print_text(struct trace_seq *s, const char *record, unsigned int size, const char *at)
{
	u32 place;
	unsigned int start, len;

	memcpy(&place, at, sizeof(place));
	start = place & 0xffff;
	len = place >> 16;
	if (!len || start > size || len > size - start)
		trace_seq_puts(s, "(fault)");
	else
		trace_seq_printf(s, "\"%.*s\"", (int)len - 1, record + start);
}

static void print_arg(struct trace_seq *s, const struct probe_arg *arg,
		      const struct trace_iterator *iter)
{
	const char *record = (const char *)iter->ent, *at = record + arg->offset;
	unsigned int nr = arg->count ? arg->count : 1;

	trace_seq_printf(s, " %s=%s", arg->name, arg->count ? "{" : "");
	for (unsigned int i = 0; i < nr; i++, at += arg->type->size) {
		if (i)
			trace_seq_putc(s, ',');
		if (probe_arg_is_text(arg))
			print_text(s, record, iter->ent_size, at);
		else
			print_number(s, arg->type, at);
	}
	if (arg->count)
		trace_seq_putc(s, '}');
}

void probe_event_text(struct trace_seq *s, const struct trace_iterator *iter)
{
	const struct trace_event_type *type = trace_event_type_get(iter->ent->type);
	const struct probe_event *event = container_of(type, struct probe_event, call.output);
	const struct probe_record *record = (const void *)iter->ent;
	u32 flags = iter->trace_flags;

	trace_seq_putc(s, '(');
	if (event->is_return) {
		trace_print_symbol(s, record->ret_ip, flags | TRACE_ITER_SYM_OFFSET, 0);
		trace_seq_puts(s, " <- ");
		trace_print_symbol(s, record->ip, flags & ~TRACE_ITER_SYM_OFFSET, 0);
	} else {
		trace_print_symbol(s, record->ip, flags | TRACE_ITER_SYM_OFFSET, 0);
	}
	trace_seq_putc(s, ')');
	for (unsigned int i = 0; i < event->nr_args; i++)
		print_arg(s, &event->args[i], iter);
	trace_seq_putc(s, '\n');
}

/* --- print fmt --- */

static void describe_formats(struct trace_seq *s, const struct probe_event *event)
{
	trace_seq_puts(s, event->is_return ? "\"(%lx <- %lx)" : "\"(%lx)");
	for (unsigned int i = 0; i < event->nr_args; i++) {
		const struct probe_arg *arg = &event->args[i];

		trace_seq_printf(s, " %s=%s", arg->name, arg->count ? "{" : "");
		for (unsigned int n = 0; !n || n < arg->count; n++) {
			trace_seq_puts(s, n ? "," : "");
			trace_seq_puts(s, arg->type->format);
		}
		trace_seq_puts(s, arg->count ? "}" : "");
	}
	trace_seq_puts(s, event->is_return ? "\", REC->__probe_func, REC->__probe_ret_ip" :
		       "\", REC->__probe_ip");
}

static void describe_values(struct trace_seq *s, const struct probe_event *event)
{
	for (unsigned int i = 0; i < event->nr_args; i++) {
		const struct probe_arg *arg = &event->args[i];

		for (unsigned int n = 0; !n || n < arg->count; n++) {
			if (probe_arg_is_text(arg) && !arg->count)
				trace_seq_printf(s, ", __get_str(%s)", arg->name);
			else if (arg->count)
				trace_seq_printf(s, ", REC->%s[%u]", arg->name, n);
			else
				trace_seq_printf(s, ", %sREC->%s",
						 arg->type->print == PRINT_SYMBOL ? "(void *)" : "",
						 arg->name);
		}
	}
}

#define DESCRIPTION_MAX (8 * PAGE_SIZE)

int probe_event_describe(struct probe_event *event)
{
	struct trace_seq s;
	char *text = kmalloc(DESCRIPTION_MAX, GFP_KERNEL);

	if (!text)
		return -ENOMEM;
	trace_seq_init(&s, text, DESCRIPTION_MAX - 1);
	describe_formats(&s, event);
	describe_values(&s, event);
	text[s.len] = '\0';
	/* Most descriptions are short. */
	event->print_fmt = kstrdup(text, GFP_KERNEL);
	kfree(text);
	return event->print_fmt ? 0 : -ENOMEM;
}
