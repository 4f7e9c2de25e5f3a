/* SPDX-License-Identifier: MIT */
/* Linux name of calling conventions: all C is -mregparm=3 on i386, and there are no others. */
#pragma once

#define asmlinkage
