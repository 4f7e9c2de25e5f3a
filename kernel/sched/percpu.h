/* SPDX-License-Identifier: MIT */
/*
 * Per-CPU data: one slot for each CPU, aligned to a cache line. Preemption must be off while the
 * result of this_cpu_ptr() is used.
 */
#pragma once
#include "kernel/arch.h"

#ifndef NR_CPUS
#define NR_CPUS 8
#endif

#define DEFINE_PER_CPU(type, name) \
	struct { type v; } __aligned(64) name[NR_CPUS]
#define DECLARE_PER_CPU(type, name) \
	extern struct percpu_##name { type v; } __aligned(64) name[NR_CPUS]
#define per_cpu_ptr(name, cpu) (&(name)[cpu].v)
#define per_cpu(name, cpu) ((name)[cpu].v)
#define this_cpu_ptr(name) per_cpu_ptr(name, smp_processor_id())

extern unsigned int nr_cpus_online;	/* CPUs 0 .. n-1 are up */
#define for_each_online_cpu(cpu) for ((cpu) = 0; (cpu) < nr_cpus_online; (cpu)++)
