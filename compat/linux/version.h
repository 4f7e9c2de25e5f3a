/* SPDX-License-Identifier: MIT */
/* The version of Linux whose API clients find here, for clients that ask. */
#pragma once

#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + (c))
#define LINUX_VERSION_CODE KERNEL_VERSION(6, 12, 0)
