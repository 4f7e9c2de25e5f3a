/* SPDX-License-Identifier: MIT */
/*
 * For tests that look at the kernel as a user does: files are written and read as a whole. Thread
 * context; may sleep.
 */
#pragma once
#include "kernel/types.h"

struct ktest;
struct trace_buffer;

/*
 * Does `echo TEXT > PATH` or, with O_APPEND, `>>`. Returns 0, or the first error of open, write and
 * close.
 */
int file_write(const char *path, const char *text, unsigned int flags);
/* Reads as much of @path as fits, and terminates it. Returns the length or an error. */
ssize_t file_read(const char *path, char *buf, size_t size);
/* Is the whole content @text? */
bool file_is(const char *path, const char *text);
/* Does @text occur in the file? It may have any length. */
bool file_has(const char *path, const char *text);
/* Returns how many lines contain @text, or -errno. */
int file_count(const char *path, const char *text);
/*
 * Returns the size in bytes that each CPU's trace buffer has once it was first used. A test that
 * changes the size sets this one again at its end. The size before the first use would be too small
 * for the next test, and is not increased again.
 */
unsigned long usual_buffer_size(void);
/* Returns the sum of one of the ring buffer's counters over the trace buffers of all CPUs. */
unsigned long sum_over_cpus(unsigned long (*counter)(struct trace_buffer *buffer, int cpu));
/*
 * Does `insmod WHAT`, where WHAT is a built-in module or a file. Returns an error of
 * module_insert(); nothing is printed.
 */
int insmod(const char *what);
/* tools/ktap.py puts the modules of tests into the initrd. This skips a case without them. */
#define KTEST_MODULE "/lib/modules/ktest_module.ko"
#define KT_NEED_MODULE(t, file) do {						\
	if (!file_exists(file))							\
		KT_SKIP(t, "no " file ": tools/ktap.py puts it into the initrd");	\
} while (0)
bool file_exists(const char *path);
/* Does the log contain @text after *@pos? Reads to its end. */
bool log_has(u64 *pos, const char *text);
/*
 * Leaves tracing as the next test should find it: off, with nothing set. Tests that count events
 * also begin with this, because the tests of modules leave some.
 */
void tracing_restore(struct ktest *t);
