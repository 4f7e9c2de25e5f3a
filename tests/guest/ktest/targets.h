/* SPDX-License-Identifier: MIT */
/* C functions with sites of their own, to be traced by tests; see targets.c. */
#pragma once
#include "kernel/types.h"

/*
 * Targets for globs: "kt_glob_*" matches these and nothing else in the kernel. Each counts its
 * runs.
 */
void kt_glob_alpha(void);
void kt_glob_beta(void);
void kt_glob_gamma(void);
extern unsigned int kt_glob_runs[3];

unsigned long kt_sum(unsigned long a, unsigned long b);
unsigned long kt_difference(unsigned long a, unsigned long b);
/* Takes words in registers and on the stack, and checks each, so that a lost one is noticed. */
unsigned long kt_many(unsigned long a, unsigned long b, unsigned long c, unsigned long d,
		      unsigned long e, unsigned long f, unsigned long g, unsigned long h,
		      unsigned long i, unsigned long j);
u64 kt_product(u32 a, u64 b, u32 c);
/* Tests of the unwinder look for the frames of these wrappers. */
unsigned long kt_outer(unsigned long (*hook)(unsigned long), unsigned long value);
unsigned long kt_inner(unsigned long (*hook)(unsigned long), unsigned long value);
unsigned long kt_recurse(unsigned int depth);
/* Ends with a tail call of @hook, which the compiler does not make in code that is checked. */
#define KT_HAS_TAIL_CALLS (!KASAN && !KCSAN)
unsigned long kt_tail(unsigned long (*hook)(unsigned long), unsigned long value);
unsigned long kt_tail_end(unsigned long value);
/* A leaf function that spins until *@stop is not 0, or for @limit rounds. */
unsigned long kt_spin(const volatile unsigned int *stop, unsigned long limit);
unsigned long kt_spin_caller(const volatile unsigned int *stop, unsigned long limit);
/* Are interrupts off for the kernel? A module compares. */
bool kt_irqs_are_off(void);
/* The first calls kt_sum() @n times, the second until *@stop is not 0. */
unsigned long kt_loop(unsigned int n);
unsigned long kt_loop_until(const volatile unsigned int *stop);
