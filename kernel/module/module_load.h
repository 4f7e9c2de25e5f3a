/* SPDX-License-Identifier: MIT */
/* Modules from files, for kernel/module/module.c: memory, symbols and sites of one. */
#pragma once
#include "kernel/module/module.h"

/* Read, check, link and place the file at @path; nobody knows of it yet. ERR_PTR, and *why. */
struct module *module_load(const char *path, char *why, size_t size);
/* Its functions become symbols, its sites records, and whoever traces them is attached. */
int module_attach(struct module *mod);
/* Nobody calls it any more: wait until nobody is inside, undo attach. False: somebody stays. */
bool module_detach(struct module *mod);
void module_free(struct module *mod);

/* Set parameters, "NAME=VALUE" each: 0, -EINVAL and *why, or -ENOMEM. module_param.c */
int module_set_params(struct module *mod, unsigned int nr, char **params, char *why, size_t size);
/* Of a variable of @type, as module_param() names it; 0 for a type that there is not. */
size_t module_param_size(const char *type);
/* Free what their strings are kept in, when the module goes. */
void module_free_params(struct module *mod);
