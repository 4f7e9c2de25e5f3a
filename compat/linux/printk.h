/* SPDX-License-Identifier: MIT */
/* Linux's header for our kernel log. */
#pragma once
#include "kernel/printk.h"
