/* SPDX-License-Identifier: MIT */
/* Linux name of what keeps a callback from calling itself. */
#pragma once
#include "trace/core/recursion.h"
