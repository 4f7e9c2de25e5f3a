/* SPDX-License-Identifier: MIT */
/* Linux name of our scalar types. */
#pragma once
#include "kernel/types.h"
