/* SPDX-License-Identifier: MIT */
/* A few directories that can only be read: what the shell's globs need of the VFS, on the host. */
#pragma once

/*
 * The tree, which ends with NULL. Directories have a '/' at their end, and come before what is in
 * them.
 */
extern const char *const dirs_tree[];
/* The text that was last written to the console. */
extern char dirs_console[256];
