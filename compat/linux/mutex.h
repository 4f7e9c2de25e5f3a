/* SPDX-License-Identifier: MIT */
/* Linux's header for our mutexes. */
#pragma once
#include "kernel/sched/wait.h"
