/* SPDX-License-Identifier: MIT */
/*
 * Linux's header for calling conventions: there is only one, which on i386 is -mregparm=3, so the
 * macros do nothing.
 */
#pragma once

#define asmlinkage
