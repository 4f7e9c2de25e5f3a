/* SPDX-License-Identifier: MIT */
/* Linux name of the monotonic clock. */
#pragma once
#include "kernel/time.h"
