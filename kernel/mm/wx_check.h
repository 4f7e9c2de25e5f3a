/* SPDX-License-Identifier: MIT */
/* The boot's check of its own page tables; kernel/mm/wx_check.c. */
#pragma once

void wx_check(void);
