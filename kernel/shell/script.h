/* SPDX-License-Identifier: MIT */
/* Console commands that run at boot, before or in place of the shell: kernel/shell/script.c. */
#pragma once
#include "kernel/types.h"

/* Read the parameter `script`. Called at boot, before the console receives anything. */
void script_init(void);
/*
 * Run /etc/rc, if the initrd had one. If there is to be a script, run that too, unless /etc/rc has
 * failed, and power off with the exit status. Thread context.
 */
void run_boot_scripts(void);
