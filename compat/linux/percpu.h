/* SPDX-License-Identifier: MIT */
/* Linux name of per-CPU data. */
#pragma once
#include "kernel/sched/percpu.h"
