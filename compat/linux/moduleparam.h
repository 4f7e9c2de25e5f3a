/* SPDX-License-Identifier: MIT */
/* Linux name of what declares parameters of modules. */
#pragma once
#include "kernel/module/module.h"
