/* SPDX-License-Identifier: MIT */
/* Linux's header for our error numbers, which have Linux's values. */
#pragma once
#include "kernel/lib/errno.h"
