/* SPDX-License-Identifier: MIT */
/*
 * The files `format` of events: what a record consists of, and how it is printed, for programs that
 * read trace_pipe_raw. Those of the entries that tracers make are in trace/output/trace_format.c.
 */
#include "kernel/fs/seq_file.h"
#include "trace/events/trace_events.h"
#include "trace/output/trace_format.h"

static void show_field(struct seq_file *m, const char *type, const char *name, const char *array,
		       size_t offset, size_t size, bool is_signed)
{
	seq_printf(m, "\tfield:%s %s%s;\toffset:%u;\tsize:%u;\tsigned:%u;\n", type, name, array,
		   (unsigned int)offset, (unsigned int)size, is_signed);
}

void trace_event_show_format(struct seq_file *m, const struct trace_event_call *call)
{
	const struct trace_event_field *field = call->class->fields;
	const struct trace_format_field *common;
	size_t offset = sizeof(struct trace_entry);
	char text[48], array[16];

	seq_printf(m, "name: %s\nID: %u\nformat:\n", call->name, call->file.type);
	for (common = trace_common_fields; common->name; common++)
		show_field(m, common->type, common->name, "", common->offset, common->size,
			   common->is_signed);
	seq_putc(m, '\n');
	for (; field->name; field++) {
		offset = ALIGN_UP(offset, (size_t)field->align);
		array[0] = '\0';
		if (field->len)
			scnprintf(array, sizeof(array), "[%u]", field->len);
		if (field->dynamic)
			scnprintf(text, sizeof(text), "__data_loc %s[]", field->type);
		show_field(m, field->dynamic ? text : field->type, field->name, array, offset,
			   field->size, field->is_signed);
		offset += field->size;
	}
	seq_printf(m, "\nprint fmt: %s\n", call->class->print_fmt);
}
