/* SPDX-License-Identifier: MIT */
/* The console script that came as a boot module; kernel/script.c. */
#pragma once

/* Runs it and powers off with its exit status. */
void run_boot_script(void) __attribute__((noreturn));
