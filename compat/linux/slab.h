/* SPDX-License-Identifier: MIT */
/* Linux name of our object allocator. */
#pragma once
#include "kernel/mm/mm.h"
