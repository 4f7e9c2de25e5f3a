/* SPDX-License-Identifier: MIT */
/* Assertions, warnings and panic. */
#pragma once
#include "kernel/compiler.h"
#include "kernel/printk.h"

struct pt_regs;

/*
 * Print the reason, registers, a backtrace and, if ftrace_dump_on_oops asks for them, the last
 * trace events; then power off with a failing status. Any context.
 */
void panic(const char *fmt, ...) __printf(1, 2) __noreturn;
/* The same for a fatal fault at @regs. Called by the exception code. */
void die(const char *what, struct pt_regs *regs) __noreturn;
/* Log a warning with a backtrace, for WARN() and its kin. Any context. */
void warn_report(const char *file, int line, const char *fmt, ...) __printf(3, 4);

#define BUG() panic("BUG at %s:%d", __FILE__, __LINE__)
#define BUG_ON(cond) do {						\
	if (unlikely(cond))						\
		panic("BUG_ON(%s) at %s:%d", #cond, __FILE__, __LINE__);	\
} while (0)
#define WARN(cond, fmt, args...) ({					\
	bool _hit = !!(cond);						\
	if (unlikely(_hit))						\
		warn_report(__FILE__, __LINE__, fmt, ##args);		\
	unlikely(_hit); })
#define WARN_ON(cond) WARN(cond, "%s", #cond)
#define WARN_ON_ONCE(cond) ({						\
	static bool _warned;						\
	bool _hit = !!(cond);						\
	if (unlikely(_hit && !_warned)) {				\
		_warned = true;						\
		warn_report(__FILE__, __LINE__, "%s", #cond);		\
	}								\
	unlikely(_hit); })
