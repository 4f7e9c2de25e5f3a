/* SPDX-License-Identifier: MIT */
/* Linux's header for our symbol table. */
#pragma once
#include "kernel/kallsyms.h"
