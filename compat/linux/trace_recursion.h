/* SPDX-License-Identifier: MIT */
/* Linux's header for protecting callbacks from recursion. */
#pragma once
#include "trace/core/recursion.h"
