/* SPDX-License-Identifier: MIT */
/*
 * What a build of Linux would say of the machine and the configuration; the
 * port names the machine in <asm/kconfig.h>.
 */
#pragma once
#include <asm/kconfig.h>

#define CONFIG_FUNCTION_TRACER 1
#define CONFIG_DYNAMIC_FTRACE 1
#define CONFIG_DYNAMIC_FTRACE_WITH_ARGS 1
#define CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS 1
