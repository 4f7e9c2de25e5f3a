/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Writes a byte where memory may not be writable, or not be there. Returns 0 or -EFAULT. Any
 * context. Each port has its own: ktest_wx.c.
 */
int kt_write_nofault(void *dst, char byte);
