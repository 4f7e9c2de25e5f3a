/* SPDX-License-Identifier: MIT */
/* Linux's header for handlers at both ends of functions. */
#pragma once
#include "trace/tracers/fprobe.h"
#include <linux/compiler.h>
#include <linux/ftrace.h>
