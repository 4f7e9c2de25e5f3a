/* SPDX-License-Identifier: MIT */
/*
 * What the entries of the ring buffer consist of, as data: from this the files
 * events/ftrace/.../format are written, and tools/ on the host reads it out of the guest's memory.
 * So whoever reads a trace need not know the structures of trace_entries.h.
 */
#pragma once
#include "kernel/types.h"

struct seq_file;

struct trace_format_field {
	const char *type, *name;	/* an array has its [] behind the name */
	u16 offset, size;		/* in bytes; size 0: as far as the event goes */
	bool is_signed;
};

#define TRACE_FORMAT_FIELDS 7		/* the most that an entry has behind struct trace_entry */

struct trace_format {
	const char *name;		/* NULL behind the last one */
	u16 id;				/* enum trace_type */
	struct trace_format_field fields[TRACE_FORMAT_FIELDS];	/* less than all: a NULL name */
	const char *print_fmt;		/* Linux's: a format and its arguments, as C writes them */
};

extern const struct trace_format trace_formats[];
/* The fields of struct trace_entry, with which every entry begins; ends with a NULL name. */
extern const struct trace_format_field trace_common_fields[];

/* The lines of a file `format` that all have: a field; and what stands before an entry's own. */
void trace_format_show_field(struct seq_file *m, const struct trace_format_field *field);
void trace_format_show_head(struct seq_file *m, const char *name, unsigned int id);
