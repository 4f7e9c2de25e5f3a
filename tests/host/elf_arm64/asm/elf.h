/* SPDX-License-Identifier: MIT */
/* For the host tests of modules: the files of this architecture. */
#pragma once
#include "arch/arm64/include/asm/elf.h"
