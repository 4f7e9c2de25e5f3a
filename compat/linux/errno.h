/* SPDX-License-Identifier: MIT */
/* Linux name of our error numbers, which have Linux's values. */
#pragma once
#include "kernel/lib/errno.h"
