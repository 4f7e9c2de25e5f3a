/* SPDX-License-Identifier: MIT */
/*
 * For arch/ARCH/asm-offsets.c only. DEFINE() writes a constant into that file's compiler output,
 * from which tools/asm-offsets.py makes <asm/asm-offsets.h>. So assembly and C cannot disagree
 * about the layout of a structure.
 */
#pragma once
#include <stddef.h>

#define DEFINE(sym, val) \
	__asm__ volatile("\n\t.ascii \"->" #sym " %c0 " #val "\"" : : "i"(val))
#define OFFSET(sym, type, member) DEFINE(sym, offsetof(type, member))
#define BLANK() __asm__ volatile("\n\t.ascii \"->\"")

/* @second is the next word behind @first: assembly pushes one after the other. */
#define ADJACENT(type, first, second)						\
	_Static_assert(offsetof(type, second) == offsetof(type, first) + sizeof(long),	\
		       #second " is the word behind " #first ": assembly counts on it")
/* The offset of two words that one instruction loads or stores. */
#define PAIR(sym, type, first, second)		\
	do {					\
		ADJACENT(type, first, second);	\
		OFFSET(sym, type, first);	\
	} while (0)
