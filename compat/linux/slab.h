/* SPDX-License-Identifier: MIT */
/* Linux's header for our object allocator. */
#pragma once
#include "kernel/mm/mm.h"
