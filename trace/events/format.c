/* SPDX-License-Identifier: MIT */
/*
 * The files `format` of events: what a record consists of, and how it is printed, for programs that
 * read trace_pipe_raw. Those of the entries that tracers make are in trace/output/trace_format.c.
 */
#include "kernel/fs/seq_file.h"
#include "trace/events/trace_events.h"
#include "trace/output/trace_format.h"

void trace_format_show_field(struct seq_file *m, const struct trace_format_field *field)
{
	seq_printf(m, "\tfield:%s %s;\toffset:%u;\tsize:%u;\tsigned:%u;\n", field->type,
		   field->name, field->offset, field->size, field->is_signed);
}

void trace_format_show_head(struct seq_file *m, const char *name, unsigned int id)
{
	const struct trace_format_field *field;

	seq_printf(m, "name: %s\nID: %u\nformat:\n", name, id);
	for (field = trace_common_fields; field->name; field++)
		trace_format_show_field(m, field);
	seq_putc(m, '\n');
}

void trace_event_show_format(struct seq_file *m, const struct trace_event_call *call)
{
	const struct trace_event_field *field = call->class->fields;
	size_t offset = sizeof(struct trace_entry);
	char type[48], name[64];

	trace_format_show_head(m, call->name, call->file.type);
	for (; field->name; field++) {
		/* Each lies where the compiler puts it: aligned, behind the one before. */
		offset = ALIGN_UP(offset, (size_t)field->align);
		scnprintf(type, sizeof(type), field->dynamic ? "__data_loc %s[]" : "%s",
			  field->type);
		scnprintf(name, sizeof(name), field->len ? "%s[%u]" : "%s", field->name,
			  field->len);
		trace_format_show_field(m, &(struct trace_format_field){
			type, name, (u16)offset, field->size, field->is_signed,
		});
		offset += field->size;
	}
	seq_printf(m, "\nprint fmt: %s\n", call->class->print_fmt);
}
