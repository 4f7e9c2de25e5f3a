/* SPDX-License-Identifier: MIT */
/*
 * Linux's header for the scheduler's statistics, of which there are none here. Clients that include
 * it want threads.
 */
#pragma once
#include <linux/percpu.h>
#include <linux/kconfig.h>
#include <linux/sched.h>
