/* SPDX-License-Identifier: MIT */
/* Linux name of the function tracer's API. */
#pragma once
#include "trace/ftrace.h"
#include <linux/kallsyms.h>
#include <linux/kernel.h>
