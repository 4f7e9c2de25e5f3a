/* SPDX-License-Identifier: MIT */
/* Linux's header for making threads: struct kernel_clone_args is in kernel/sched/sched.h. */
#pragma once
#include <linux/sched.h>
