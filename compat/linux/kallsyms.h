/* SPDX-License-Identifier: MIT */
/* Linux name of our symbol table. */
#pragma once
#include "kernel/kallsyms.h"
