/* SPDX-License-Identifier: MIT */
/* A few directories that can only be read: what the shell's globs ask of the VFS, on the host. */
#pragma once

/* Ends with NULL. Directories have a '/' at their end, and come before what is in them. */
extern const char *const dirs_tree[];
/* What was last written to the console. */
extern char dirs_console[256];
