/* SPDX-License-Identifier: MIT */
/* Linux name of the registers that an exception saves. */
#pragma once
#include "kernel/arch.h"
#include <asm/ptrace.h>
