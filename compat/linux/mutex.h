/* SPDX-License-Identifier: MIT */
/* Linux name of our mutexes. */
#pragma once
#include "kernel/sched/wait.h"
