/* SPDX-License-Identifier: MIT */
/*
 * Tells about the machine and the configuration what a build of Linux would tell. The port names
 * the machine in <asm/kconfig.h>.
 */
#pragma once
#include <asm/kconfig.h>

/* 1 if CONFIG_... is defined as 1, else 0; for C and for #if. */
#define _CONFIG_IS_1 0,
#define _CONFIG_SECOND(ignored, value, rest...) value
#define _CONFIG_TEST(junk_comma) _CONFIG_SECOND(junk_comma 1, 0, 0)
#define _CONFIG_PASTE(value) _CONFIG_TEST(_CONFIG_IS_##value)
#define IS_ENABLED(option) _CONFIG_PASTE(option)
#define IS_BUILTIN(option) IS_ENABLED(option)
#define IS_MODULE(option) 0

#define CONFIG_FUNCTION_TRACER 1
#define CONFIG_DYNAMIC_FTRACE 1
#define CONFIG_FUNCTION_GRAPH_TRACER 1
#define CONFIG_FPROBE 1
#define CONFIG_KPROBES 1
#define CONFIG_KRETPROBES 1
#if FTRACE_HAVE_ARGS
#define CONFIG_DYNAMIC_FTRACE_WITH_ARGS 1
#define CONFIG_DYNAMIC_FTRACE_WITH_REGS FTRACE_HAVE_SAVE_REGS
#define CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS 1
#endif
