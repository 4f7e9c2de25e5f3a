/* SPDX-License-Identifier: MIT */
/* Linux's header for kernel threads. */
#pragma once
#include "kernel/lib/errno.h"
#include "kernel/sched/sched.h"
#include <linux/sched.h>
