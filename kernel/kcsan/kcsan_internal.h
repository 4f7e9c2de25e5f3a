/* SPDX-License-Identifier: MIT */
/* What the files of KCSAN share. None of them is checked itself, and none has a site. */
#pragma once
#include "kernel/arch.h"
#include "kernel/kcsan/kcsan.h"

/* Does KCSAN check now? */
extern bool kcsan_enabled;

/* watch.c: an access is about to be made, by the code at @ip. Any context. */
void kcsan_access(unsigned long addr, size_t size, bool write, bool marked, unsigned long ip);

/* report.c: interrupts off. */
void kcsan_tell(const struct kcsan_report *report);
