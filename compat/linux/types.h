/* SPDX-License-Identifier: MIT */
/* Linux's header for our scalar types. */
#pragma once
#include "kernel/types.h"
