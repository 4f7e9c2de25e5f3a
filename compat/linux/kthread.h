/* SPDX-License-Identifier: MIT */
/* Linux name of kernel threads. */
#pragma once
#include "kernel/errno.h"
#include "kernel/sched.h"
#include <linux/sched.h>
