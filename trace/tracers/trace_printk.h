/* SPDX-License-Identifier: MIT */
/* What trace_printk.c and trace_bprintk.c share. */
#pragma once
#include <stdarg.h>

struct trace_array;

/*
 * Record text, formatted now. @from is the return address at which a stack trace begins, if option
 * stacktrace is set. Returns the length of the text; 0 if it is not recorded. Any context.
 */
int trace_vprintk_from(struct trace_array *tr, unsigned long ip, unsigned long from,
		       const char *fmt, va_list args);
