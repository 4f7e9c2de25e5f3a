/* SPDX-License-Identifier: MIT */
/* Linux name of our completions. */
#pragma once
#include "kernel/sched/wait.h"
