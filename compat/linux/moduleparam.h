/* SPDX-License-Identifier: MIT */
/* Linux's header for declaring parameters of modules. */
#pragma once
#include "kernel/module/module.h"
