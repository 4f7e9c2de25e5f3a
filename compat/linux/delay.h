/* SPDX-License-Identifier: MIT */
/* Linux name of sleeping for milliseconds. */
#pragma once
#include "kernel/sched.h"
