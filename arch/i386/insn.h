/* SPDX-License-Identifier: MIT */
/* Looking at instructions; see insn.c. */
#pragma once
#include "kernel/types.h"

/* Length of the instruction at @insn; 0 if it is not known. Reads up to 15 bytes. */
unsigned int i386_insn_length(const u8 *insn);
