/* SPDX-License-Identifier: MIT */
/* Giving back what only the boot needed; kernel/mm/init_mem.c. */
#pragma once

void free_init_memory(void);
