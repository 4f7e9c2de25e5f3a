/* SPDX-License-Identifier: MIT */
/*
 * Linux name of the scheduler's statistics, of which there are none: who includes it wants threads.
 */
#pragma once
#include <linux/percpu.h>
#include <linux/kconfig.h>
#include <linux/sched.h>
