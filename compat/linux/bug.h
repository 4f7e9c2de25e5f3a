/* SPDX-License-Identifier: MIT */
/* Linux name of our assertions. */
#pragma once
#include "kernel/bug.h"
