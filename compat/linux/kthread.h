/* SPDX-License-Identifier: MIT */
/* Linux name of kernel threads. */
#pragma once
#include "kernel/lib/errno.h"
#include "kernel/sched/sched.h"
#include <linux/sched.h>
