/* SPDX-License-Identifier: MIT */
/*
 * Commands at functions: FUNCTIONS:COMMAND[:SYSTEM:EVENT][:COUNT] in set_ftrace_filter. They do
 * what triggers do at events, at calls of functions, whatever the current tracer and its filter.
 * Thread context; may sleep; takes event_mutex.
 */
#pragma once
#include "kernel/types.h"

struct seq_file;
struct trace_array;

/* Is the word a command rather than a pattern, whose only colons are those of :mod:? */
bool trace_is_func_command(const char *word);
/*
 * Give a command to all functions that match, each with a count of its own, unless they have it; or
 * with `!` before it, take it from them. As on Linux, one with a count and one without are
 * different, and so is one for another event. Returns 0; -EINVAL; -ENOENT if there is no such
 * event; -ENOMEM; or an error of register_ftrace_function(). *@why says why, or is NULL.
 */
int trace_set_func_command(struct trace_array *tr, const char *word, const char **why);
/* Take all of them from all functions: 0 or the first error. remove: event_mutex is held. */
int trace_clear_func_commands(struct trace_array *tr);
int trace_remove_func_commands(struct trace_array *tr);
/* Write them, the latest first: FUNCTION:COMMAND[:SYSTEM:EVENT]:unlimited, or :count=N. */
void trace_show_func_commands(struct seq_file *m, struct trace_array *tr,
			      void (*show_function)(struct seq_file *m, unsigned long ip));
