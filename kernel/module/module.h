/* SPDX-License-Identifier: MIT */
/*
 * Modules: code that insmod starts and rmmod removes. Some (the samples) are linked into the
 * kernel, the others are relocatable ELF files. Both have .module_table and .module_params
 * sections, and are compiled with -DKBUILD_MODNAME="name".
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/lib/list.h"
#include "kernel/types.h"

enum module_state { MODULE_IDLE, MODULE_COMING, MODULE_LIVE, MODULE_GOING };

struct module_entry {
	const char *name;
	int (*init)(void);	/* an entry has init or exit; those of one name belong together */
	void (*exit)(void);
};

struct module_param {
	const char *module, *name;
	const char *type;	/* "int", "uint", "long", "ulong", "bool", "charp", "string" */
	void *variable;			/* of a "string": a struct kparam_string */
};

/* A parameter that is copied into an array of the module's. */
struct kparam_string {
	unsigned int maxlen;		/* bytes, with the NUL */
	char *string;
};

struct module_memory;		/* kernel/module/module_load.c */

struct module {
	const char *name;
	int (*init)(void);
	void (*exit)(void);	/* NULL: cannot be removed */
	enum module_state state;
	struct list_head node;
	const struct module_param *params;
	unsigned int nr_params;		/* in `params`, a table that built-in modules share */
	struct module_string *strings;	/* memory of "charp" parameters' values */
	/* For a module from a file; 0 or NULL for a built-in one. */
	struct module_memory *memory;
	size_t size;
	unsigned long text;
};

/* With the semicolon, because some clients have none, as on Linux. */
#define module_init(fn)							\
	static const struct module_entry module_entry_init		\
	__used __section(".module_table") __aligned(sizeof(long)) = { KBUILD_MODNAME, fn, NULL };
#define module_exit(fn)							\
	static const struct module_entry module_entry_exit		\
	__used __section(".module_table") __aligned(sizeof(long)) = { KBUILD_MODNAME, NULL, fn };
/*
 * Declares a parameter, as on Linux, which insmod sets with NAME=VALUE. @perm is ignored, because
 * there is no /sys/module.
 */
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
#define module_param_string(param_, array_, len_, perm)				\
	static struct kparam_string module_string_##param_ __used = { len_, array_ };	\
	static const struct module_param module_param_##param_			\
	__used __section(".module_params") __aligned(sizeof(long)) =		\
	{ KBUILD_MODNAME, #param_, "string", &module_string_##param_ }
#define MODULE_PARM_DESC(param_, s) _Static_assert(sizeof(s) > 1, "description")
#define MODULE_VERSION(s) _Static_assert(sizeof(s) > 1, "version")
#define MODULE_ALIAS(s) _Static_assert(sizeof(s) > 1, "alias")
#define MODULE_LICENSE(s) _Static_assert(sizeof(s) > 1, "license")
#define MODULE_AUTHOR(s) _Static_assert(sizeof(s) > 1, "author")
#define MODULE_DESCRIPTION(s) _Static_assert(sizeof(s) > 1, "description")

/* These are for thread context, and may sleep. In names ".ko" is optional, and '-' equals '_'. */
void modules_init(void);	/* boot: list the built-in modules */
/*
 * Start module @what with @nr parameters @params, "NAME=VALUE" each. @what is a built-in module's
 * name or a file; with a '/' in it, it is always a file. 0, -ENOENT, -EEXIST if it is loaded
 * already, or the error of loading it or of its init function; then *@why (@size bytes) is an
 * explanation, or "" if the error number says all.
 */
int module_insert(const char *what, unsigned int nr, char **params, char *why, size_t size);
/*
 * Remove module @name: 0, -ENOENT if it is not loaded, or -EBUSY if it is coming or going, has an
 * init but no exit function, or if its code stays in use.
 */
int module_remove(const char *name);
/*
 * Call @fn for every module, loaded or not, in name order, until it returns nonzero; returns that.
 */
int for_each_module(int (*fn)(const struct module *mod, void *arg), void *arg);
