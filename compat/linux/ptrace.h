/* SPDX-License-Identifier: MIT */
/* Linux's header for the registers that an exception saves. */
#pragma once
#include "kernel/arch.h"
#include <asm/ptrace.h>
