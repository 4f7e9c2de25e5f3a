/* SPDX-License-Identifier: MIT */
/*
 * The simulated machine's address space is the program's own: code that is made at run time may lie
 * anywhere.
 */
#pragma once
#include "kernel/types.h"

#define EXECMEM_START 0ul
#define EXECMEM_END ~0ul

static inline void *phys_to_virt(phys_addr_t pa)
{
	return (void *)(unsigned long)pa;
}

static inline phys_addr_t virt_to_phys(const void *va)
{
	return (unsigned long)va;
}
