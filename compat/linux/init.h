/* SPDX-License-Identifier: MIT */
/*
 * Linux's header for marking start-up code. insmod may start a built-in module at any time, so its
 * start-up code must stay, and __init does nothing here.
 */
#pragma once
#include "kernel/compiler.h"

#undef __init
#define __init
#undef __initdata
#define __initdata
