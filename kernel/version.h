/* SPDX-License-Identifier: MIT */
/* The version, when the build does not say it. */
#pragma once

#ifndef PATCHBAY_VERSION
#define PATCHBAY_VERSION "0.1.0"
#endif
