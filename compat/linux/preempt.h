/* SPDX-License-Identifier: MIT */
/* Linux's header for the preempt count. */
#pragma once
#include "kernel/sched/current.h"
