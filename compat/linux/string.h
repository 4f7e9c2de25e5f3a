/* SPDX-License-Identifier: MIT */
/* Linux name of our memory and string routines. */
#pragma once
#include "kernel/lib/string.h"
