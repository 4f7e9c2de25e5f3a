/* SPDX-License-Identifier: MIT */
/* What lineedit.c and complete.c share. */
#pragma once
#include "kernel/shell/lineedit.h"

void lineedit_write(struct lineedit *le, const char *buf, size_t len);
void lineedit_bell(struct lineedit *le);
/* Insert @text at the cursor. If the line has no room for all of it, insert nothing; ring once. */
void lineedit_insert(struct lineedit *le, const char *text, size_t len);
/*
 * The Tab key: extend the word before the cursor, or if that cannot be done @again, list the names.
 */
void lineedit_complete(struct lineedit *le, bool again);
