/* SPDX-License-Identifier: MIT */
/*
 * The text of a call's arguments and of its result, by the function's prototype. What is recorded
 * of the arguments, behind the other fields of the event:
 *
 *	unsigned long args[]	the first words of the arguments, as ftrace_regs_get_argument()
 *				numbers them: as many as the prototype has, at most TRACE_ARGS_WORDS
 *	u8 strings[]		for each `const char *` among them: its length and as many bytes;
 *				TRACE_STRING_CUT is set in the length if the string had more, and
 *				TRACE_STRING_UNREADABLE in place of it if there was nothing to read
 */
#pragma once
#include "trace/output/trace_output.h"

#define TRACE_ARGS_WORDS 16
#define TRACE_ARGS_STRINGS 192		/* bytes of all strings of a call */
#define TRACE_STRING_MAX 63
#define TRACE_STRING_CUT 0x40
#define TRACE_STRING_UNREADABLE 255

/*
 * Append "(NAME=VALUE, ...)" for the @size bytes of recorded arguments at @args, or "()" if nothing
 * is known of the function whose site is at @ip, such as that of a module that is gone.
 */
void trace_print_args(struct trace_seq *s, unsigned long ip, const void *args, size_t size);
/*
 * Append "= " and the result, whose registers hold @low and, if @has_high, @high, as its type has
 * it. Returns false, with nothing appended, if the type is not known, or needs the second register
 * and that is not known.
 */
bool trace_print_result(struct trace_seq *s, unsigned long ip, unsigned long low,
			unsigned long high, bool has_high);
/* Is the function known to have no result? */
bool trace_has_no_result(unsigned long ip);
