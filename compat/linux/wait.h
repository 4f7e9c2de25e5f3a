/* SPDX-License-Identifier: MIT */
/* Linux name of our wait queues. */
#pragma once
#include "kernel/sched/wait.h"
