/* SPDX-License-Identifier: MIT */
/* The console script that came as a boot module; kernel/script.c. */
#pragma once
#include "kernel/types.h"

/*
 * /etc/rc, if the initrd has brought one; then, if @batch, the script, and power-off with its exit
 * status (or that of /etc/rc, if that failed: then the script does not run).
 */
void run_boot_scripts(bool batch);
