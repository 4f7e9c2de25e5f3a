/* SPDX-License-Identifier: MIT */
/*
 * Regular expressions for grep, without groups: literals, `.`, `[...]`, `^`, `$`, `*` and `\|`, or
 * in extended syntax `|`, `+` and `?`.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

#define REGEX_ATOMS_MAX 256
#define REGEX_BRANCHES_MAX 16

/* An element that matches one byte: which bytes, and how often. */
struct regex_atom {
	u32 set[8];			/* a bit for each byte that matches */
	bool optional, repeat;		/* set by `?` and `*`; by `+` and `*` */
};

/* An alternative, between two `|`: the atoms [first, end). */
struct regex_branch {
	unsigned int first, end;
	bool from_start, to_end;	/* `^` and `$` */
};

/* About 10 KiB, too large for the stack. */
struct regex {
	unsigned int nr_atoms, nr_branches;
	struct regex_atom atoms[REGEX_ATOMS_MAX];
	struct regex_branch branches[REGEX_BRANCHES_MAX];
};

#define REGEX_EXTENDED 1u
#define REGEX_IGNORE_CASE 2u

/* Compile @pattern: 0, or -EINVAL with an explanation in *@error. */
int regex_compile(struct regex *re, const char *pattern, unsigned int flags, const char **error);
/* Does @re match anywhere in the @len bytes of @text? Time is at most len * nr_atoms. */
bool regex_match(const struct regex *re, const char *text, size_t len);
