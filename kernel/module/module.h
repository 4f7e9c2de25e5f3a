/* SPDX-License-Identifier: MIT */
/*
 * Modules: code that insmod starts and rmmod takes back. Built-in ones (the
 * samples) are linked into the kernel; others are relocatable ELF files. Both have the same
 * .module_table and .module_params sections, and are compiled with -DKBUILD_MODNAME="name".
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/lib/list.h"
#include "kernel/types.h"

enum module_state { MODULE_IDLE, MODULE_COMING, MODULE_LIVE, MODULE_GOING };

struct module_entry {
	const char *name;
	int (*init)(void);	/* one of init and exit is set; entries are joined by name */
	void (*exit)(void);
};

struct module_param {
	const char *module, *name;
	const char *type;	/* "int", "uint", "long", "ulong", "bool", "charp" */
	void *variable;
};

struct module_memory;		/* kernel/module/module_load.c */

struct module {
	const char *name;
	int (*init)(void);
	void (*exit)(void);	/* NULL: cannot be removed */
	enum module_state state;
	struct list_head node;
	const struct module_param *params;
	unsigned int nr_params;		/* in the table, which built-in modules share */
	struct module_string *strings;	/* values of parameters */
	/* Of a module from a file; 0 or NULL for one that is built in. */
	struct module_memory *memory;
	size_t size;
	unsigned long text;
};

#define module_init(fn)							\
	static const struct module_entry module_entry_init		\
	__used __section(".module_table") __aligned(sizeof(long)) = { KBUILD_MODNAME, fn, NULL }
#define module_exit(fn)							\
	static const struct module_entry module_entry_exit		\
	__used __section(".module_table") __aligned(sizeof(long)) = { KBUILD_MODNAME, NULL, fn }
/* Linux's; @perm is not used, there is no /sys/module. insmod sets them: NAME=VALUE. */
#define MODULE_PARAM(param_, name_, variable_, type_)				\
	static const struct module_param module_param_##param_			\
	__used __section(".module_params") __aligned(sizeof(long)) =		\
	{ KBUILD_MODNAME, name_, type_, (void *)_Generic(&(variable_),	\
	  bool *: &(variable_), int *: &(variable_), unsigned int *: &(variable_),	\
	  long *: &(variable_), unsigned long *: &(variable_), char **: &(variable_)) }
#define module_param_named(param_, variable_, type_, perm)			\
	MODULE_PARAM(param_, #param_, variable_, #type_)
#define module_param(variable_, type_, perm)					\
	MODULE_PARAM(variable_, #variable_, variable_, #type_)
#define MODULE_PARM_DESC(param_, s) _Static_assert(sizeof(s) > 1, "description")
#define MODULE_VERSION(s) _Static_assert(sizeof(s) > 1, "version")
#define MODULE_ALIAS(s) _Static_assert(sizeof(s) > 1, "alias")
#define MODULE_LICENSE(s) _Static_assert(sizeof(s) > 1, "license")
#define MODULE_AUTHOR(s) _Static_assert(sizeof(s) > 1, "author")
#define MODULE_DESCRIPTION(s) _Static_assert(sizeof(s) > 1, "description")

void modules_init(void);
/* @name with or without ".ko", '-' and '_' alike. 0, -ENOENT, -EEXIST, or init's error. */
int module_insert(const char *name);
/*
 * The same for the file @what, when that has a '/' in it or no built-in module has the name.
 * @params: @nr of "NAME=VALUE". On an error *why (@size bytes) says in words what it is, as far as
 * there is more to say than the error number does; nothing is left of the module.
 */
int module_insert_with(const char *what, unsigned int nr, char **params, char *why, size_t size);
/* 0, -ENOENT (not loaded), -EBUSY (coming, going, no exit, or a thread stays in its code). */
int module_remove(const char *name);
/* Call @fn for every module, loaded or not, in name order, until it returns nonzero. */
int for_each_module(int (*fn)(const struct module *mod, void *arg), void *arg);
