/* SPDX-License-Identifier: MIT */
/* Modules from files, for kernel/module/module.c. Thread context; all of it may sleep. */
#pragma once
#include "kernel/module/module.h"

/*
 * Read, check and link the file at @path, and put it in its place in memory. Nothing else of the
 * kernel knows the module yet. On an error returns ERR_PTR(), and *@why (@size bytes) explains it
 * if there is more to say.
 */
struct module *module_load(const char *path, char *why, size_t size);
/*
 * Make the module's functions symbols and its sites records, and attach to them all registered ops
 * that match. 0 or -errno; after an error module_detach() undoes what was done.
 */
int module_attach(struct module *mod);
/*
 * Undo module_attach() for a module whose code nobody calls any more: unregister ops that it left,
 * and wait until no thread is inside its text. False if it must stay in memory (logged).
 */
bool module_detach(struct module *mod);
/* Free a module that is not attached. */
void module_free(struct module *mod);

/* module_param.c */
/* Set @nr parameters, "NAME=VALUE" each: 0, -ENOMEM, or -EINVAL with an explanation in *@why. */
int module_set_params(struct module *mod, unsigned int nr, char **params, char *why, size_t size);
/* Size of a variable of @type, a type that module_param() accepts; 0 for any other type. */
size_t module_param_size(const char *type);
/* Free the memory of the module's string parameters. */
void module_free_params(struct module *mod);
