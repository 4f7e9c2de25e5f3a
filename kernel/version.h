/* SPDX-License-Identifier: MIT */
/* The kernel's version, unless the build defines another. */
#pragma once

#ifndef PATCHBAY_VERSION
#define PATCHBAY_VERSION "0.1.0"
#endif
