/* SPDX-License-Identifier: MIT */
/* What the files of KASAN share. None of them is checked itself, and none has a site. */
#pragma once
#include "kernel/arch.h"
#include "kernel/kasan/kasan.h"

#define GRANULE 8u

/* Why a granule may not be accessed; Linux's numbers. */
#define KASAN_FREE_PAGE 0xff
#define KASAN_PAGE_REDZONE 0xfe
#define KASAN_AREA_REDZONE 0xfd
#define KASAN_SLAB_REDZONE 0xfc
#define KASAN_FREE_OBJECT 0xfb
#define KASAN_GLOBAL_REDZONE 0xf9
#define KASAN_STACK_RIGHT 0xf3		/* these three are the compiler's: frame.c */
#define KASAN_STACK_MIDDLE 0xf2
#define KASAN_STACK_LEFT 0xf1
#define KASAN_FREE_AREA 0xf8		/* vmalloc, modules: freed, or never allocated */

/* Is the shadow there? */
extern bool kasan_enabled;

static __always_inline u8 *kasan_shadow(unsigned long addr)
{
	return (u8 *)((addr >> 3) + KASAN_SHADOW_OFFSET);
}

/* check.c: the first byte of [addr, end) that may not be accessed; @end if all may. */
unsigned long kasan_first_bad(unsigned long addr, unsigned long end);

/* --- shadow.c. All of them need mapped shadow, and a start that is a multiple of a granule. --- */
/* [start, start + size) may not be accessed, because of @value. */
void kasan_poison(unsigned long start, size_t size, u8 value);
/* It may; the rest of its last granule may not. */
void kasan_unpoison(unsigned long start, size_t size);

/* --- stack.c --- */
void kasan_stack_init(void);
struct kasan_track kasan_track(void);		/* the caller, here and now */
void kasan_show_track(const char *what, const struct kasan_track *track);

/*
 * frame.c: the variable of a function that lies at, or next to, report->bad. Returns false if no
 * stack has a red zone there.
 */
bool kasan_find_variable(struct kasan_report *report);

void kasan_object_init(void);
/* What lies at, or next to, report->bad: object.c, shadow.c. */
void kasan_find_page(struct kasan_report *report);
void kasan_find_area(struct kasan_report *report);

/* --- report.c; any context --- */
void kasan_report(unsigned long addr, size_t size, bool write, unsigned long ip);
void kasan_report_free(unsigned long addr, const char *what, unsigned long ip);
