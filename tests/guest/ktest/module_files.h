/* SPDX-License-Identifier: MIT */
/* What the files of the suite `module_files` share. Thread context; may sleep. */
#pragma once
#include "kernel/types.h"

extern char module_why[160];		/* the reason that the last insertion was given */

/* Inserts KTEST_MODULE with one parameter; NULL: with none. Returns what module_insert() does. */
int kt_module_insert(char *param);
/* Returns how many sites KTEST_MODULE has. */
unsigned int kt_module_sites(void);
/* Returns the pages in use. Slabs may keep freed memory, so theirs are left out. */
unsigned long kt_used_pages(void);
