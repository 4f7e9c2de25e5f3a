/* SPDX-License-Identifier: MIT */
/* Linux's header for trace instances and their text: trace_array_get_by_name() and the like. */
#pragma once
#include "trace/output/trace.h"
#include <linux/types.h>
