/* SPDX-License-Identifier: MIT */
/* Linux's header for our memory and string routines. */
#pragma once
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
