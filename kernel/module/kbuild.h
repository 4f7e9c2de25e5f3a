/* SPDX-License-Identifier: MIT */
/*
 * For arch/ARCH/asm-offsets.c only: DEFINE() puts a constant into that file's
 * assembly, and tools/asm-offsets.py makes <asm/asm-offsets.h> of them,
 * so that assembly and C cannot disagree about a structure.
 */
#pragma once
#include <stddef.h>

#define DEFINE(sym, val) \
	__asm__ volatile("\n\t.ascii \"->" #sym " %c0 " #val "\"" : : "i"(val))
#define OFFSET(sym, type, member) DEFINE(sym, offsetof(type, member))
#define BLANK() __asm__ volatile("\n\t.ascii \"->\"")
