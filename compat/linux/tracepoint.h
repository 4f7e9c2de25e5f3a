/* SPDX-License-Identifier: MIT */
/* Linux's header for tracepoints. */
#pragma once
#include "kernel/tracepoint.h"
