/* SPDX-License-Identifier: MIT */
/* What the files of this kernel share. Its text is an array of functions. */
#pragma once
#include "trace/kernel.h"

#define NR_FUNCTIONS 6u
#define FUNCTION_SIZE 16u

extern const char *const embed_names[NR_FUNCTIONS];
extern unsigned int embed_nr_direct;	/* how often a direct function was called */

/* Call function @nr, and do what its site says now. */
void embed_call(unsigned int nr);
