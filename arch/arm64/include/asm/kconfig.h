/* SPDX-License-Identifier: MIT */
/* What Linux's configuration calls this machine, for modules in its style. */
#pragma once

#define CONFIG_ARM64 1
#define CONFIG_64BIT 1
