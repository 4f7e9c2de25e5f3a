/* SPDX-License-Identifier: MIT */
/* What Linux's configuration calls this machine, for modules in its style. */
#pragma once

#define CONFIG_X86 1
#define CONFIG_X86_32 1
