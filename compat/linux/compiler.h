/* SPDX-License-Identifier: MIT */
/* Linux name of our compiler attributes. */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"
