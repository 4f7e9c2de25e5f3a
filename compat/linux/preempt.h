/* SPDX-License-Identifier: MIT */
/* Linux name of the preempt count. */
#pragma once
#include "kernel/sched/current.h"
