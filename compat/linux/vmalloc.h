/* SPDX-License-Identifier: MIT */
/* Linux's header for our allocator of mapped ranges. */
#pragma once
#include "kernel/mm/mm.h"
