/* SPDX-License-Identifier: MIT */
/*
 * Modules: code that insmod starts and rmmod takes back. Built-in ones (the
 * samples) are linked into the kernel and found in the .module_table section;
 * the file is compiled with -DKBUILD_MODNAME="name" (a string).
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/list.h"
#include "kernel/types.h"

enum module_state { MODULE_IDLE, MODULE_COMING, MODULE_LIVE, MODULE_GOING };

struct module_entry {
	const char *name;
	int (*init)(void);	/* one of init and exit is set; entries are joined by name */
	void (*exit)(void);
};

struct module {
	const char *name;
	int (*init)(void);
	void (*exit)(void);	/* NULL: cannot be removed */
	enum module_state state;
	struct list_head node;
};

#define module_init(fn)							\
	static const struct module_entry module_entry_init		\
	__used __section(".module_table") __aligned(sizeof(long)) = { KBUILD_MODNAME, fn, NULL }
#define module_exit(fn)							\
	static const struct module_entry module_entry_exit		\
	__used __section(".module_table") __aligned(sizeof(long)) = { KBUILD_MODNAME, NULL, fn }
#define MODULE_LICENSE(s) _Static_assert(sizeof(s) > 1, "license")
#define MODULE_AUTHOR(s) _Static_assert(sizeof(s) > 1, "author")
#define MODULE_DESCRIPTION(s) _Static_assert(sizeof(s) > 1, "description")

void modules_init(void);
/* @name with or without ".ko", '-' and '_' alike. 0, -ENOENT, -EEXIST, or init's error. */
int module_insert(const char *name);
/* 0, -ENOENT (not loaded), -EBUSY (coming, going, or without exit). */
int module_remove(const char *name);
/* Call @fn for every module, loaded or not, in name order, until it returns nonzero. */
int for_each_module(int (*fn)(const struct module *mod, void *arg), void *arg);
