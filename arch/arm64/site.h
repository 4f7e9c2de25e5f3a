/* SPDX-License-Identifier: MIT */
/* The instructions at a site of arm64, for the files that make, change and name them. */
#pragma once
#include <asm/site_mode.h>
#include "kernel/lib/string.h"
#include "trace/arch.h"

#define INSN_NOP 0xd503201fu
#define INSN_BTI_C 0xd503245fu
#define INSN_MOV_X9_X30 0xaa1e03e9u
#define INSN_BL 0x94000000u
#define INSN_B 0x14000000u
#define LITERAL_SIZE 8			/* right before the function; its alignment, too */
#define LITERAL_DISTANCE 16		/* from it to where the function resumes, aligned down */
#define BRANCH_REACH 0x08000000L	/* bytes, either way */

/* A B or BL @insn at @ip to @target, which it must reach. */
static inline u32 arm64_branch_insn(u32 insn, unsigned long ip, unsigned long target)
{
	return insn | (((target - ip) >> 2) & 0x03ffffff);
}

/* The literal of a function with its site at @ip; not called in builds without. */
static inline unsigned long arm64_literal_address(unsigned long ip)
{
	return ((ip + FTRACE_INSN_SIZE) & -LITERAL_SIZE) - LITERAL_DISTANCE;
}

/*
 * stub.c: give @set a stub that hands @word over in x17, to @trampoline, or to where the word says
 * if that is NULL. 0 or -ENOMEM.
 */
int arm64_stub_make(struct ftrace_set *set, void (*trampoline)(void), unsigned long word);
/*
 * Is ftrace_assist_caller the trampoline for @set? If so, the second makes the stub that leads
 * there. 0 or -ENOMEM.
 */
bool arm64_wants_assist(const struct ftrace_set *set);
int arm64_assist_prepare(struct ftrace_set *set);

/* reach_direct.c: a stub for @set when sites cannot reach its direct trampoline. 0 or -ENOMEM. */
int arm64_direct_prepare(struct ftrace_set *set);

/* Can a BL at @ip reach the trampolines? If not, the log says so. */
bool arm64_trampolines_reach(unsigned long ip);
