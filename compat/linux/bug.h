/* SPDX-License-Identifier: MIT */
/* Linux's header for our assertions. */
#pragma once
#include "kernel/bug.h"
