/* SPDX-License-Identifier: MIT */
/* Linux's header for our wait queues. */
#pragma once
#include "kernel/sched/wait.h"
