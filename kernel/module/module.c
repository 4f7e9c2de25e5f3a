/* SPDX-License-Identifier: MIT */
/*
 * The list of modules, and their states. A module that is linked into the kernel has an entry for
 * its init function in .module_table, and usually another one for its exit function; they are
 * joined by name here. Modules from files are loaded by module_load.c, and are in the list only
 * while they are loaded. The mutex protects the list and the states; it is not held while init or
 * exit functions run.
 */
#include "kernel/bug.h"
#include "kernel/events/module.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/module/module.h"
#include "kernel/module/module_load.h"
#include "kernel/printk.h"
#include "kernel/sched/wait.h"

extern const struct module_entry __start_module_table[], __stop_module_table[];
extern const struct module_param __start_module_params[], __stop_module_params[];

static LIST_HEAD(modules);		/* sorted by name */
static DEFINE_MUTEX(modules_mutex);

static char name_char(const char *s)
{
	if (!strcmp(s, ".ko"))
		return '\0';
	return *s == '-' ? '_' : *s;
}

/* Compares like strcmp(), but ignores a ".ko" at the end and takes '-' and '_' as equal. */
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

	lockdep_assert_held(&modules_mutex);
	list_for_each_entry(mod, &modules, node) {
		if (!compare_names(mod->name, name))
			return mod;
	}
	return NULL;
}

/* The module @name that is loaded, coming or going; a file and a built-in one may share a name. */
static struct module *find_running(const char *name)
{
	struct module *mod;

	lockdep_assert_held(&modules_mutex);
	list_for_each_entry(mod, &modules, node) {
		if (mod->state != MODULE_IDLE && !compare_names(mod->name, name))
			return mod;
	}
	return NULL;
}

static void enlist(struct module *mod)
{
	struct module *next;

	lockdep_assert_held(&modules_mutex);
	list_for_each_entry(next, &modules, node) {
		if (compare_names(next->name, mod->name) > 0)
			break;
	}
	list_add_tail(&mod->node, &next->node);
}

static struct module *add_module(const char *name)
{
	struct module *mod = kzalloc(sizeof(*mod), GFP_KERNEL);

	if (!mod)
		panic("no memory for module %s", name);
	mod->name = name;
	mod->params = __start_module_params;
	mod->nr_params = (unsigned int)(__stop_module_params - __start_module_params);
	enlist(mod);
	return mod;
}

void modules_init(void)
{
	const struct module_entry *entry;

	mutex_lock(&modules_mutex);
	for (entry = __start_module_table; entry < __stop_module_table; entry++) {
		struct module *mod = find_module(entry->name);

		/* A module has an entry for its init and another one for its exit, in any order. */
		if (!mod)
			mod = add_module(entry->name);
		if (entry->init)
			mod->init = entry->init;
		if (entry->exit)
			mod->exit = entry->exit;
	}
	mutex_unlock(&modules_mutex);
}

static void set_state(struct module *mod, enum module_state state)
{
	mutex_lock(&modules_mutex);
	mod->state = state;
	mutex_unlock(&modules_mutex);
}

/* Claim the built-in module @name for its start: -ENOENT if there is none, -EEXIST if it runs. */
static struct module *claim(const char *name)
{
	struct module *mod;

	mutex_lock(&modules_mutex);
	if (find_running(name))
		mod = ERR_PTR(-EEXIST);
	else if (!(mod = find_module(name)))
		mod = ERR_PTR(-ENOENT);
	else
		mod->state = MODULE_COMING;
	mutex_unlock(&modules_mutex);
	return mod;
}

/* Put a module that was loaded from a file on the list, unless its name is taken. */
static int add_loaded(struct module *mod)
{
	bool taken;

	mutex_lock(&modules_mutex);
	taken = find_running(mod->name);
	if (!taken) {
		mod->state = MODULE_COMING;
		enlist(mod);
	}
	mutex_unlock(&modules_mutex);
	return taken ? -EEXIST : 0;
}

static void drop_loaded(struct module *mod)
{
	mutex_lock(&modules_mutex);
	list_del(&mod->node);
	mutex_unlock(&modules_mutex);
}

/*
 * Free a module from a file, after its exit function has run or its start has failed. False if it
 * must stay in memory, because its code is still in use.
 */
static bool take_down(struct module *mod)
{
	if (!mod->memory)
		return true;
	if (!module_detach(mod))
		return false;
	trace_module_free(mod->name);
	drop_loaded(mod);
	module_free(mod);
	return true;
}

static int do_init_module(struct module *mod, unsigned int nr, char **params, char *why,
			  size_t size)
{
	int err = module_set_params(mod, nr, params, why, size);

	if (!err && mod->memory)
		err = module_attach(mod);
	if (!err)
		trace_module_load(mod->name, mod->memory ? 1u << MODULE_TAINT_OOT : 0);
	if (!err && mod->init)
		err = mod->init();
	/* A module that fails half-way may have code in use already; then it stays, as "going". */
	if (!err)
		set_state(mod, MODULE_LIVE);
	else if (!mod->memory)
		set_state(mod, MODULE_IDLE);
	else if (!take_down(mod))
		set_state(mod, MODULE_GOING);
	return err;
}

static int insert_file(const char *path, unsigned int nr, char **params, char *why, size_t size)
{
	struct module *mod = module_load(path, why, size);
	int err;

	if (IS_ERR(mod))
		return (int)PTR_ERR(mod);
	err = add_loaded(mod);
	if (err) {
		module_free(mod);
		return err;
	}
	return do_init_module(mod, nr, params, why, size);
}

int module_insert(const char *what, unsigned int nr, char **params, char *why, size_t size)
{
	struct module *mod = strchr(what, '/') ? ERR_PTR(-ENOENT) : claim(what);

	if (size)
		*why = '\0';
	/* @what may name both a built-in module and a file only if it has no '/'. */
	if (!IS_ERR(mod))
		return do_init_module(mod, nr, params, why, size);
	if (PTR_ERR(mod) != -ENOENT)
		return (int)PTR_ERR(mod);
	return *what ? insert_file(what, nr, params, why, size) : -ENOENT;
}

int module_remove(const char *name)
{
	struct module *mod;
	int err = 0;

	mutex_lock(&modules_mutex);
	mod = find_running(name);
	if (!mod)
		err = -ENOENT;
	else if (mod->state != MODULE_LIVE || (mod->init && !mod->exit))
		err = -EBUSY;
	else
		mod->state = MODULE_GOING;
	mutex_unlock(&modules_mutex);
	if (err)
		return err;
	/*
	 * The mutex is not held, because exit() may use the module list. The state keeps others
	 * from inserting or removing this module meanwhile.
	 */
	if (mod->exit)
		mod->exit();
	if (!mod->memory)
		set_state(mod, MODULE_IDLE);
	else if (!take_down(mod))
		return -EBUSY;
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
