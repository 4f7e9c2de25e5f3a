/* SPDX-License-Identifier: MIT */
/* Freeing the memory that only start-up needed; kernel/mm/init_mem.c. */
#pragma once

/* Called once, at the end of boot, in thread context. */
void free_init_memory(void);
