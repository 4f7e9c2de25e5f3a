/* SPDX-License-Identifier: MIT */
/* Linux's header for our completions. */
#pragma once
#include "kernel/sched/wait.h"
