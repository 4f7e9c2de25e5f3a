/* SPDX-License-Identifier: MIT */
/* For hook=mcount with a GCC that counts calls: a site made by hand needs no counter. */
#pragma once
#include "arch/i386/site_mcount.h"

#define SITES_ARE_COUNTED
