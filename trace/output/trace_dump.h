/* SPDX-License-Identifier: MIT */
/*
 * ftrace_dump_on_oops: which buffers are written to the log when the kernel panics; and
 * traceoff_on_warning: recording stops at a warning.
 */
#pragma once
#include "kernel/types.h"

enum ftrace_dump_mode { DUMP_NONE, DUMP_ALL, DUMP_ORIG };
extern enum ftrace_dump_mode ftrace_dump_on_oops;
extern bool traceoff_on_warning;
