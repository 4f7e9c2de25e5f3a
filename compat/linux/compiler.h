/* SPDX-License-Identifier: MIT */
/* Linux's header for our compiler attributes. */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"
