/* SPDX-License-Identifier: MIT */
/* What kind of ASCII character something is; the names are C's. */
#pragma once

#if __STDC_HOSTED__
#include <ctype.h>
#else
static inline int isspace(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline int isdigit(int c)
{
	return c >= '0' && c <= '9';
}

static inline int isalpha(int c)
{
	/* This bit is all in which a small letter differs from the capital one. */
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static inline int isalnum(int c)
{
	return isdigit(c) || isalpha(c);
}
#endif
