/* SPDX-License-Identifier: MIT */
/* Fixed-width and kernel-wide scalar types. Relies on nothing but the compiler. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef unsigned int u32;	/* not uint32_t, which may be a long: %u prints it everywhere */
typedef unsigned long long u64;	/* not uint64_t, which may be a long: %llu prints it everywhere */
typedef int8_t s8;
typedef int16_t s16;
typedef int s32;
typedef long long s64;

#ifndef PATCHBAY_HOST
typedef intptr_t ssize_t;
typedef s32 pid_t;
typedef s64 loff_t;
typedef u32 mode_t;
#else
#include <sys/types.h>
#endif

typedef u64 phys_addr_t;	/* a physical byte address */
typedef unsigned int gfp_t;	/* accepted for source compatibility; see kernel/mm/mm.h */

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096UL
#define PAGE_MASK (~(PAGE_SIZE - 1))
