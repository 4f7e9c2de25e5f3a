/* SPDX-License-Identifier: MIT */
/* ftrace_dump_on_oops: which buffers are written to the log when the kernel panics. */
#pragma once

enum ftrace_dump_mode { DUMP_NONE, DUMP_ALL, DUMP_ORIG };
extern enum ftrace_dump_mode ftrace_dump_on_oops;
