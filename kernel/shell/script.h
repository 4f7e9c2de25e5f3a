/* SPDX-License-Identifier: MIT */
/*
 * `script` on the command line: console commands are run in place of the interactive shell. They
 * are a boot module, or with `script=console` what is piped into the console. kernel/shell/script.c.
 */
#pragma once
#include "kernel/types.h"

/* Before the console hears anything. */
void script_init(void);
/*
 * /etc/rc, if the initrd has brought one; then, if there is to be one, the script, and power-off
 * with its exit status (or that of /etc/rc, if that failed: then the script does not run).
 */
void run_boot_scripts(void);
