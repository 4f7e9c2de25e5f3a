/* SPDX-License-Identifier: MIT */
/*
 * Linux name of memory; struct vm_area_struct is kernel/mm/vmap.c's, and has no fields for clients.
 */
#pragma once
#include "kernel/mm/mm.h"
#include <linux/sched.h>
