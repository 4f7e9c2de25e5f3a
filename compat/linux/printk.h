/* SPDX-License-Identifier: MIT */
/* Linux name of our kernel log. */
#pragma once
#include "kernel/printk.h"
