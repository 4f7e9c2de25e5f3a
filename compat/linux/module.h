/* SPDX-License-Identifier: MIT */
/* Linux name of modules, with all that it brings along there. */
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

/* A module is not unloaded while its init runs, and does not count its users. */
#define THIS_MODULE NULL
