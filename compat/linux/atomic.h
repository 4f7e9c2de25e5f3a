/* SPDX-License-Identifier: MIT */
/*
 * Linux's atomic counters, with the operations that tracing clients use. All of them are fully
 * ordered.
 */
#pragma once
#include "kernel/types.h"

typedef struct { int counter; } atomic_t;
typedef struct { long counter; } atomic_long_t;
#define ATOMIC_INIT(value) { (value) }
#define ATOMIC_LONG_INIT(value) { (value) }

#define atomic_read(v) __atomic_load_n(&(v)->counter, __ATOMIC_RELAXED)
#define atomic_set(v, value) __atomic_store_n(&(v)->counter, (value), __ATOMIC_RELAXED)
#define atomic_inc(v) ((void)__atomic_add_fetch(&(v)->counter, 1, __ATOMIC_SEQ_CST))
#define atomic_dec(v) ((void)__atomic_sub_fetch(&(v)->counter, 1, __ATOMIC_SEQ_CST))
#define atomic_inc_return(v) __atomic_add_fetch(&(v)->counter, 1, __ATOMIC_SEQ_CST)
#define atomic_long_read(v) atomic_read(v)
#define atomic_long_set(v, value) atomic_set(v, value)
#define atomic_long_inc(v) atomic_inc(v)
#define atomic_long_inc_return(v) atomic_inc_return(v)
