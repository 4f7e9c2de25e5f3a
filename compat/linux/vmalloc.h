/* SPDX-License-Identifier: MIT */
/* Linux name of our allocator of mapped ranges. */
#pragma once
#include "kernel/mm/mm.h"
