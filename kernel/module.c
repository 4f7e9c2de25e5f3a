/* SPDX-License-Identifier: MIT */
/*
 * Modules that are linked into the kernel: each has an init entry, and mostly an
 * exit entry, in .module_table; here they are joined by name. The mutex guards states
 * only, and is not held while init or exit run.
 */
#include "kernel/bug.h"
#include "kernel/errno.h"
#include "kernel/mm.h"
#include "kernel/module.h"
#include "kernel/string.h"
#include "kernel/wait.h"

extern const struct module_entry __start_module_table[], __stop_module_table[];

static LIST_HEAD(modules);		/* by name */
static DEFINE_MUTEX(modules_mutex);

static char name_char(const char *s)
{
	if (!strcmp(s, ".ko"))
		return '\0';
	return *s == '-' ? '_' : *s;
}

/* As strcmp(), for names with or without ".ko", '-' and '_' alike. */
static int compare_names(const char *a, const char *b)
{
	while (name_char(a) && name_char(a) == name_char(b)) {
		a++;
		b++;
	}
	return (unsigned char)name_char(a) - (unsigned char)name_char(b);
}

static struct module *find_module(const char *name)
{
	struct module *mod;

	list_for_each_entry(mod, &modules, node) {
		if (!compare_names(mod->name, name))
			return mod;
	}
	return NULL;
}

static struct module *add_module(const char *name)
{
	struct module *mod = kzalloc(sizeof(*mod), GFP_KERNEL), *next;

	if (!mod)
		panic("no memory for module %s", name);
	mod->name = name;
	list_for_each_entry(next, &modules, node) {
		if (compare_names(next->name, name) > 0)
			break;
	}
	list_add_tail(&mod->node, &next->node);
	return mod;
}

void modules_init(void)
{
	const struct module_entry *entry;

	for (entry = __start_module_table; entry < __stop_module_table; entry++) {
		struct module *mod = find_module(entry->name);

		if (!mod)
			mod = add_module(entry->name);
		if (entry->init)
			mod->init = entry->init;
		if (entry->exit)
			mod->exit = entry->exit;
	}
}

static void set_state(struct module *mod, enum module_state state)
{
	mutex_lock(&modules_mutex);
	mod->state = state;
	mutex_unlock(&modules_mutex);
}

int module_insert(const char *name)
{
	struct module *mod;
	int err = 0;

	mutex_lock(&modules_mutex);
	mod = find_module(name);
	if (!mod)
		err = -ENOENT;
	else if (mod->state != MODULE_IDLE)
		err = -EEXIST;
	else
		mod->state = MODULE_COMING;
	mutex_unlock(&modules_mutex);
	if (err)
		return err;
	err = mod->init ? mod->init() : 0;
	set_state(mod, err ? MODULE_IDLE : MODULE_LIVE);
	return err;
}

int module_remove(const char *name)
{
	struct module *mod;
	int err = 0;

	mutex_lock(&modules_mutex);
	mod = find_module(name);
	if (!mod || mod->state == MODULE_IDLE)
		err = -ENOENT;
	else if (mod->state != MODULE_LIVE || !mod->exit)
		err = -EBUSY;
	else
		mod->state = MODULE_GOING;
	mutex_unlock(&modules_mutex);
	if (err)
		return err;
	mod->exit();
	set_state(mod, MODULE_IDLE);
	return 0;
}

int for_each_module(int (*fn)(const struct module *mod, void *arg), void *arg)
{
	struct module *mod;
	int ret = 0;

	mutex_lock(&modules_mutex);
	list_for_each_entry(mod, &modules, node) {
		ret = fn(mod, arg);
		if (ret)
			break;
	}
	mutex_unlock(&modules_mutex);
	return ret;
}
