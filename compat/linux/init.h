/* SPDX-License-Identifier: MIT */
/*
 * Linux name of what marks start-up code. A built-in module is started by
 * insmod at any time, so its start-up code must stay: __init means nothing here.
 */
#pragma once
#include "kernel/compiler.h"

#undef __init
#define __init
#undef __initdata
#define __initdata
