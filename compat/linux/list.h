/* SPDX-License-Identifier: MIT */
/* Linux's header for our lists. */
#pragma once
#include "kernel/lib/list.h"
