/* SPDX-License-Identifier: MIT */
/* The simulated machine's address space: code that is made at run time may lie anywhere. */
#pragma once

#define EXECMEM_START 0ul
#define EXECMEM_END ~0ul
