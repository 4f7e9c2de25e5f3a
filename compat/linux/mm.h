/* SPDX-License-Identifier: MIT */
/* Linux name of memory; the samples need struct vm_area_struct only by name. */
#pragma once
#include "kernel/mm.h"

struct vm_area_struct;
