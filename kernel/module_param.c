/* SPDX-License-Identifier: MIT */
/* Parameters of modules, from insmod's command line: NAME=VALUE, by Linux's types. */
#include "kernel/errno.h"
#include "kernel/mm.h"
#include "kernel/module_load.h"
#include "kernel/printk.h"
#include "kernel/string.h"

size_t module_param_size(const char *type)
{
	if (!strcmp(type, "bool"))
		return sizeof(bool);
	if (!strcmp(type, "int") || !strcmp(type, "uint"))
		return sizeof(int);
	return !strcmp(type, "long") || !strcmp(type, "ulong") || !strcmp(type, "charp") ?
		sizeof(long) : 0;
}

static int set_bool(bool *variable, const char *value)
{
	if (!strcmp(value, "1") || !strcmp(value, "y") || !strcmp(value, "Y"))
		*variable = true;
	else if (!strcmp(value, "0") || !strcmp(value, "n") || !strcmp(value, "N"))
		*variable = false;
	else
		return -EINVAL;
	return 0;
}

static int set_unsigned(unsigned int *variable, const char *value)
{
	unsigned long number;
	int err = kstrtoul(value, 0, &number);

	if (!err && number != (unsigned int)number)
		err = -ERANGE;
	if (!err)
		*variable = (unsigned int)number;
	return err;
}

static int set_long(long *variable, const char *value)
{
	long long number;
	int err = kstrtoll(value, 0, &number);

	if (!err && number != (long)number)
		err = -ERANGE;
	if (!err)
		*variable = (long)number;
	return err;
}

struct module_string {
	struct module_string *next;
	char text[];
};

static int set_string(struct module *mod, char **variable, const char *value)
{
	struct module_string *copy = kzalloc(sizeof(*copy) + strlen(value) + 1, GFP_KERNEL);

	if (!copy)
		return -ENOMEM;
	memcpy(copy->text, value, strlen(value));
	copy->next = mod->strings;
	mod->strings = copy;
	*variable = copy->text;
	return 0;
}

void module_free_params(struct module *mod)
{
	struct module_string *copy;

	while ((copy = mod->strings)) {
		mod->strings = copy->next;
		kfree(copy);
	}
}

static int set_param(struct module *mod, const struct module_param *param, const char *value)
{
	if (!strcmp(param->type, "bool"))
		return set_bool(param->variable, value);
	if (!strcmp(param->type, "int"))
		return kstrtoint(value, 0, param->variable);
	if (!strcmp(param->type, "uint"))
		return set_unsigned(param->variable, value);
	if (!strcmp(param->type, "long"))
		return set_long(param->variable, value);
	if (!strcmp(param->type, "ulong"))
		return kstrtoul(value, 0, param->variable);
	return strcmp(param->type, "charp") ? -EINVAL : set_string(mod, param->variable, value);
}

static const struct module_param *find_param(const struct module *mod, const char *text, size_t len)
{
	for (unsigned int i = 0; i < mod->nr_params; i++) {
		const struct module_param *param = &mod->params[i];

		if (!strcmp(param->module, mod->name) && strlen(param->name) == len &&
		    !strncmp(param->name, text, len))
			return param;
	}
	return NULL;
}

int module_set_params(struct module *mod, unsigned int nr, char **params, char *why, size_t size)
{
	for (unsigned int i = 0; i < nr; i++) {
		const char *equals = strchr(params[i], '=');
		const struct module_param *param;
		int err;

		param = equals ? find_param(mod, params[i], (size_t)(equals - params[i])) : NULL;
		if (!param) {
			snprintf(why, size, "no parameter %.64s", params[i]);
			return -EINVAL;
		}
		err = set_param(mod, param, equals + 1);
		if (err == -ENOMEM)
			return err;
		if (err) {
			snprintf(why, size, "parameter %.32s: %.64s is no %s", param->name,
				 equals + 1, param->type);
			return -EINVAL;
		}
	}
	return 0;
}
