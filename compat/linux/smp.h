/* SPDX-License-Identifier: MIT */
/* Linux's header for the numbers of CPUs. */
#pragma once
#include "kernel/smp.h"

#define raw_smp_processor_id() smp_processor_id()
#define num_online_cpus() nr_cpus_online
