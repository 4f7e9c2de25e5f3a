/* SPDX-License-Identifier: MIT */
/* Linux name of modules, with all that it brings along there. */
#pragma once
#include "kernel/module.h"
#include <linux/init.h>
#include <linux/kconfig.h>
#include <linux/kernel.h>
