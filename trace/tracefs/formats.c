/* SPDX-License-Identifier: MIT */
/*
 * events/header_page, events/header_event, and events/ftrace/.../format: a description of the
 * format of trace_pipe_raw, in the form that Linux's tools read. It is made from the structures
 * themselves, so that it is right on every architecture.
 */
#include "trace/output/trace_format.h"
#include "trace/ring_buffer/ring_buffer_write.h"
#include "trace/tracefs/tracefs.h"

static void show_field(struct seq_file *m, const char *type, const char *name, size_t offset,
		       size_t size, bool is_signed)
{
	seq_printf(m, "\tfield: %s %s;\toffset:%u;\tsize:%u;\tsigned:%u;\n", type, name,
		   (unsigned int)offset, (unsigned int)size, is_signed);
}

static int header_page_show(struct seq_file *m, const struct tracefs_node *node)
{
	struct buffer_data_page *page = NULL;

	show_field(m, "u64", "timestamp", offsetof(struct buffer_data_page, time_stamp),
		   sizeof(page->time_stamp), false);
	show_field(m, "local_t", "commit", offsetof(struct buffer_data_page, commit),
		   sizeof(page->commit), true);
	show_field(m, "int", "overwrite", offsetof(struct buffer_data_page, commit), 1, true);
	show_field(m, "char", "data", offsetof(struct buffer_data_page, data), RB_DATA_SIZE,
		   (char)-1 < 0);
	return 0;
}

static int header_event_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_puts(m, "# compressed entry header\n"
		 "\ttype_len    :    5 bits\n"
		 "\ttime_delta  :   27 bits\n"
		 "\tarray       :   32 bits\n"
		 "\n");
	seq_printf(m, "\tpadding     : type == %d\n", RINGBUF_TYPE_PADDING);
	seq_printf(m, "\ttime_extend : type == %d\n", RINGBUF_TYPE_TIME_EXTEND);
	seq_printf(m, "\ttime_stamp : type == %d\n", RINGBUF_TYPE_TIME_STAMP);
	seq_printf(m, "\tdata max type_len  == %d\n", RINGBUF_TYPE_DATA_TYPE_LEN_MAX);
	return 0;
}

static const struct tracefs_file format_files[] = {
	{ "header_page", TRACEFS_RO, .show = header_page_show },
	{ "header_event", TRACEFS_RO, .show = header_event_show },
	{ .name = NULL },
};

/* --- events/ftrace: the entries that tracers make --- */

static int format_show(struct seq_file *m, const struct tracefs_node *node)
{
	const struct trace_format *format = &trace_formats[node->index];

	trace_format_show_head(m, format->name, format->id);
	for (unsigned int i = 0; i < TRACE_FORMAT_FIELDS && format->fields[i].name; i++)
		trace_format_show_field(m, &format->fields[i]);
	seq_printf(m, "\nprint fmt: %s\n", format->print_fmt);
	return 0;
}

static int id_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%u\n", trace_formats[node->index].id);
	return 0;
}

int tracefs_add_formats(struct inode *events, const struct tracefs_node *node)
{
	static const struct tracefs_file files[] = {
		{ "format", TRACEFS_RO, .show = format_show },
		{ "id", TRACEFS_RO, .show = id_show },
		{ .name = NULL },
	};
	struct tracefs_node own = *node;
	struct inode *ftrace, *dir;
	int err = tracefs_add_all(events, format_files, node);

	if (!err)
		err = tracefs_mkdir(events, "ftrace", &ftrace);
	/* By the node's index the two functions above find the entry that they describe. */
	for (own.index = 0; !err && trace_formats[own.index].name; own.index++) {
		err = tracefs_mkdir(ftrace, trace_formats[own.index].name, &dir);
		if (!err)
			err = tracefs_add_all(dir, files, &own);
	}
	return err;
}
