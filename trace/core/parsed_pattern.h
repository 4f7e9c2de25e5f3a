/* SPDX-License-Identifier: MIT */
/*
 * One pattern of a filter, taken apart: what pattern.c and pattern_waiting.c need of each other,
 * and nobody else includes. The caller of everything that looks at records holds ftrace_lock.
 */
#pragma once
#include "trace/core/hash.h"
#include "trace/core/records.h"

/* One pattern, taken apart: [!]GLOB, or [!][GLOB]:mod:[!]MODULE. */
struct pattern {
	bool remove;
	const char *text;		/* the whole pattern without a leading '!' */
	const char *glob, *module;
	size_t glob_len, module_len;
	bool by_module, not_module;
};

/*
 * Finds the names of the kernel's sites in address order. Symbols have the same order, so nothing
 * has to be searched. With a search for each site, a megabyte of patterns would take minutes; like
 * this it takes seconds.
 */
struct name_walk {
	unsigned int index;		/* of the symbol behind next_name */
	const char *name, *next_name;
	unsigned long next;		/* where next_name begins */
};

/* Takes the @len bytes at @text apart. The result points into them. Any context. */
struct pattern ftrace_pattern_parse(const char *text, size_t len);
bool ftrace_pattern_is_glob(const char *text, size_t len);
/* Does the site of @rec match? Ask in the order of the records, with one @walk for all of them. */
bool ftrace_pattern_matches(const struct pattern *p, const struct dyn_ftrace *rec,
			    struct name_walk *walk);

/*
 * No function matches @p now. It waits if it has the full name of a module that may still come;
 * otherwise the result is -EINVAL. May return -ENOMEM.
 */
int ftrace_pattern_wait(struct ftrace_hash *hash, const struct pattern *p);
