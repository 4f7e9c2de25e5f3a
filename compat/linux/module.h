/* SPDX-License-Identifier: MIT */
/* Linux's header for modules, with everything that it includes on Linux. */
#pragma once
#include "kernel/module/module.h"
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/kconfig.h>
#include <linux/kernel.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/types.h>

/* Modules do not count their users here: a module is not unloaded while its init function runs. */
#define THIS_MODULE NULL
