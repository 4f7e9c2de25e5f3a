/* SPDX-License-Identifier: MIT */
/* For tests that look at the kernel as a user does: whole files, written and read in one go. */
#pragma once
#include "kernel/types.h"

/* `echo TEXT > PATH` or, with O_APPEND, `>>`. 0, or the first error of open, write, and close. */
int file_write(const char *path, const char *text, unsigned int flags);
/* As much of @path as fits, terminated. The length, or an error. */
ssize_t file_read(const char *path, char *buf, size_t size);
/* Is the whole content @text? */
bool file_is(const char *path, const char *text);
/* Does @text occur in it? Files of any length. */
bool file_has(const char *path, const char *text);
/* How many lines it has that hold @text; -errno. */
int file_count(const char *path, const char *text);
/*
 * The size of each CPU's trace buffer, in bytes, as its first use would leave it: what a test puts
 * back that changes it. The size before that use is too small for whoever comes next, and is not
 * made larger again.
 */
unsigned long usual_buffer_size(void);
/*
 * `insmod WHAT`: a built-in module, or a file. module_insert()'s errors, which nobody sees in
 * words.
 */
int insmod(const char *what);
/* Does the log hold @text after *@pos? Reads to the end. */
bool log_has(u64 *pos, const char *text);
