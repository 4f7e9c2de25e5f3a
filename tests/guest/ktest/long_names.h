/* SPDX-License-Identifier: MIT */
/*
 * Names of functions of the greatest length, 511 bytes. LONG_NAME() leaves the last two bytes open.
 */
#pragma once

#define LONG_TEN "_ten_bytes"
#define LONG_HUNDRED \
	LONG_TEN LONG_TEN LONG_TEN LONG_TEN LONG_TEN LONG_TEN LONG_TEN LONG_TEN LONG_TEN LONG_TEN
#define LONG_NAME(start5, end) \
	start5 LONG_HUNDRED LONG_HUNDRED LONG_HUNDRED LONG_HUNDRED LONG_HUNDRED "_end" end
