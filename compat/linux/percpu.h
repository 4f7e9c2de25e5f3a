/* SPDX-License-Identifier: MIT */
/* Linux's header for per-CPU data. */
#pragma once
#include "kernel/sched/percpu.h"
