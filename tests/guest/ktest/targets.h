/* SPDX-License-Identifier: MIT */
/* C functions with sites of their own, to be traced by tests; see targets.c. */
#pragma once
#include "kernel/types.h"

/* Glob fodder: "kt_glob_*" and nothing else in the kernel. Each counts its runs. */
void kt_glob_alpha(void);
void kt_glob_beta(void);
void kt_glob_gamma(void);
extern unsigned int kt_glob_runs[3];

unsigned long kt_sum(unsigned long a, unsigned long b);
unsigned long kt_difference(unsigned long a, unsigned long b);
/* Words in registers and on the stack; checks each, so that a lost one shows. */
unsigned long kt_many(unsigned long a, unsigned long b, unsigned long c, unsigned long d,
		      unsigned long e, unsigned long f, unsigned long g, unsigned long h,
		      unsigned long i, unsigned long j);
u64 kt_product(u32 a, u64 b, u32 c);
/* The wrappers' own frames are what unwinder tests look for. */
unsigned long kt_outer(unsigned long (*hook)(unsigned long), unsigned long value);
unsigned long kt_inner(unsigned long (*hook)(unsigned long), unsigned long value);
unsigned long kt_recurse(unsigned int depth);
/* A leaf that spins until *@stop is not 0, or for @limit rounds. */
unsigned long kt_spin(const volatile unsigned int *stop, unsigned long limit);
unsigned long kt_spin_caller(const volatile unsigned int *stop, unsigned long limit);
/* Interrupts, as the kernel sees them; for a module. */
bool kt_irqs_are_off(void);
/* Calls kt_sum() @n times; until *@stop is not 0. */
unsigned long kt_loop(unsigned int n);
unsigned long kt_loop_until(const volatile unsigned int *stop);
