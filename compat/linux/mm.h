/* SPDX-License-Identifier: MIT */
/*
 * Linux's header for memory; struct vm_area_struct is kernel/mm/vmap.c's own, and clients cannot
 * see its fields.
 */
#pragma once
#include "kernel/mm/mm.h"
#include <linux/sched.h>
