/* SPDX-License-Identifier: MIT */
/* Linux's header for showing threads and their stacks. */
#pragma once
#include "kernel/unwind.h"
#include <linux/sched.h>
#include <linux/stacktrace.h>
