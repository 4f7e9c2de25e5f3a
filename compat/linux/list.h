/* SPDX-License-Identifier: MIT */
/* Linux name of our lists. */
#pragma once
#include "kernel/lib/list.h"
