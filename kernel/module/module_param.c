/* SPDX-License-Identifier: MIT */
/* Module parameters from insmod's command line, NAME=VALUE, with Linux's types. */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/module/module_load.h"
#include "kernel/printk.h"

size_t module_param_size(const char *type)
{
	if (!strcmp(type, "bool"))
		return sizeof(bool);
	if (!strcmp(type, "int") || !strcmp(type, "uint"))
		return sizeof(int);
	if (!strcmp(type, "string"))
		return sizeof(struct kparam_string);
	return !strcmp(type, "long") || !strcmp(type, "ulong") || !strcmp(type, "charp") ?
		sizeof(long) : 0;
}

static bool is_one_of(const char *value, const char *const *words)
{
	while (*words && strcmp(value, *words))
		words++;
	return *words;
}

static int set_bool(bool *variable, const char *value)
{
	static const char *const yes[] = { "1", "y", "Y", "t", "T", "on", "On", "ON", NULL };
	static const char *const no[] = { "0", "n", "N", "f", "F", "off", "Off", "OFF", NULL };

	if (!is_one_of(value, yes) && !is_one_of(value, no))
		return -EINVAL;
	*variable = is_one_of(value, yes);
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

static int set_array(const struct kparam_string *array, const char *value)
{
	if (strlen(value) >= array->maxlen)
		return -ENOSPC;
	memcpy(array->string, value, strlen(value) + 1);
	return 0;
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
	if (!strcmp(param->type, "string"))
		return set_array(param->variable, value);
	return strcmp(param->type, "charp") ? -EINVAL : set_string(mod, param->variable, value);
}

/* In parameters' names, too, '-' and '_' are equal, as on Linux. */
static bool same_name(const char *a, const char *b, size_t len)
{
	while (len && (*a == *b || (*a == '-' && *b == '_') || (*a == '_' && *b == '-')))
		a++, b++, len--;
	return !len;
}

static const struct module_param *find_param(const struct module *mod, const char *text, size_t len)
{
	for (unsigned int i = 0; i < mod->nr_params; i++) {
		const struct module_param *param = &mod->params[i];

		if (!strcmp(param->module, mod->name) && strlen(param->name) == len &&
		    same_name(param->name, text, len))
			return param;
	}
	return NULL;
}

int module_set_params(struct module *mod, unsigned int nr, char **params, char *why, size_t size)
{
	for (unsigned int i = 0; i < nr; i++) {
		const char *equals = strchr(params[i], '=');
		size_t len = equals ? (size_t)(equals - params[i]) : strlen(params[i]);
		const struct module_param *param = find_param(mod, params[i], len);
		const char *value = equals ? equals + 1 : "1";
		int err;

		/* Only a "bool" parameter can be set by its name alone. */
		if (!param || (!equals && strcmp(param->type, "bool"))) {
			snprintf(why, size, "no parameter %.64s", params[i]);
			return -EINVAL;
		}
		err = set_param(mod, param, value);
		if (err == -ENOMEM)
			return err;
		if (err == -ENOSPC) {
			snprintf(why, size, "parameter %.32s: %.64s is too long", param->name,
				 value);
			return -EINVAL;
		}
		if (err) {
			snprintf(why, size, "parameter %.32s: %.64s is no %s", param->name,
				 value, param->type);
			return -EINVAL;
		}
	}
	return 0;
}
