/* SPDX-License-Identifier: MIT */
/* Linux name of what deals with error pointers. */
#pragma once
#include "kernel/lib/errno.h"
