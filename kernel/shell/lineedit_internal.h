/* SPDX-License-Identifier: MIT */
/* What lineedit.c and complete.c share. */
#pragma once
#include "kernel/shell/lineedit.h"

void lineedit_write(struct lineedit *le, const char *buf, size_t len);
void lineedit_bell(struct lineedit *le);
/* At the cursor; all of it or, when the line is full, nothing and a first bell. */
void lineedit_insert(struct lineedit *le, const char *text, size_t len);
/* The Tab key: extend the word before the cursor; when @again and that is impossible, list. */
void lineedit_complete(struct lineedit *le, bool again);
