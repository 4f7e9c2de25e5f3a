/* SPDX-License-Identifier: MIT */
/* Linux's header for error pointers. */
#pragma once
#include "kernel/lib/errno.h"
