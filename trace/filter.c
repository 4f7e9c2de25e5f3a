/* SPDX-License-Identifier: MIT */
/*
 * What filter patterns mean, and the calls that set an ops' filters. A change
 * is made on a copy of the hash and installed at once, so a call that fails has changed nothing.
 */
#include "kernel/arch.h"
#include "kernel/errno.h"
#include "kernel/kallsyms.h"
#include "kernel/string.h"
#include "trace/glob.h"
#include "trace/hash.h"
#include "trace/ops.h"
#include "trace/update.h"

extern char _end[];

/* One pattern, taken apart: [!]GLOB, or [!][GLOB]:mod:[!]MODULE. */
struct pattern {
	bool remove;
	const char *text;		/* all of it, without the first '!' */
	const char *glob, *module;
	size_t glob_len, module_len;
	bool by_module, not_module;
};

static struct pattern parse_pattern(const char *text, size_t len)
{
	struct pattern p = { .glob = text, .glob_len = len };
	size_t i;

	if (len && *text == '!') {
		p.remove = true;
		p.glob++;
		p.glob_len--;
	}
	p.text = p.glob;
	for (i = 0; i + 5 <= p.glob_len; i++) {
		if (memcmp(p.glob + i, ":mod:", 5))
			continue;
		p.by_module = true;
		p.module = p.glob + i + 5;
		p.module_len = p.glob_len - i - 5;
		p.glob_len = i;
		if (p.module_len && *p.module == '!') {
			p.not_module = true;
			p.module++;
			p.module_len--;
		}
		break;
	}
	if (p.by_module && !p.glob_len) {
		p.glob = "*";
		p.glob_len = 1;
	}
	return p;
}

static bool module_matches(const struct pattern *p, const char *module)
{
	if (!p->by_module)
		return true;
	if (!p->module_len)
		return *module != '\0';
	return (*module && glob_match(p->module, p->module_len, module)) != p->not_module;
}

/*
 * The names of the kernel's sites in address order. Symbols have the same order, so there is
 * nothing to search: a megabyte of patterns takes seconds, not minutes.
 */
struct name_walk {
	unsigned int index;		/* of the symbol behind next_name */
	const char *name, *next_name;
	unsigned long next;		/* where next_name begins */
};

static const char *walk_name(struct name_walk *walk, unsigned long ip)
{
	while (ip >= walk->next) {
		walk->name = walk->next_name;
		if (!kallsyms_at(walk->index++, &walk->next_name, &walk->next))
			walk->next = ~0ul;
	}
	return walk->name;
}

static bool record_matches(const struct pattern *p, const struct dyn_ftrace *rec,
			   struct name_walk *walk)
{
	unsigned long ip = dyn_ftrace_ip(rec);
	struct ksym sym = { .module = "" };

	if (p->by_module || ip < (unsigned long)_text || ip >= (unsigned long)_end) {
		unsigned long flags = arch_irq_save();

		/* A module's names outlive its records, which stay while ftrace_lock is held. */
		kallsyms_lookup(ip, &sym);
		arch_irq_restore(flags);
	} else {
		sym.name = walk_name(walk, ip);
	}
	return sym.name && module_matches(p, sym.module) &&
	       glob_match(p->glob, p->glob_len, sym.name);
}

static int apply_record(struct ftrace_hash *hash, const struct dyn_ftrace *rec, bool remove)
{
	unsigned long ip = dyn_ftrace_ip(rec);

	if (!remove)
		return ftrace_hash_add(hash, ip);
	ftrace_hash_remove(hash, ip);
	return 0;
}

/* A pattern that is a number: the 1-based line of available_filter_functions. */
static bool parse_index(const struct pattern *p, unsigned int *index)
{
	unsigned int value = 0;
	size_t i;

	for (i = 0; i < p->glob_len; i++) {
		if (p->glob[i] < '0' || p->glob[i] > '9' || i > 8)
			return false;
		value = value * 10 + (unsigned int)(p->glob[i] - '0');
	}
	*index = value;
	return i > 0;
}

static bool is_glob(const char *text, size_t len)
{
	return memchr(text, '*', len) || memchr(text, '?', len) || memchr(text, '[', len);
}

/*
 * Of a module that is not there: a pattern with its whole name is kept until it comes (once it has
 * @found something there is no need), and is taken back by the same pattern with '!'.
 */
static int match_pattern(struct ftrace_hash *hash, const struct pattern *p, bool found)
{
	size_t len = (size_t)(p->module + p->module_len - p->text);

	if (!p->by_module || p->not_module || !p->module_len || is_glob(p->module, p->module_len))
		return found ? 0 : -EINVAL;
	if (p->remove)
		return ftrace_hash_remove_pattern(hash, p->text, len) && !found ? -EINVAL : 0;
	return found ? 0 : ftrace_hash_add_pattern(hash, p->text, len);
}

int ftrace_hash_match(struct ftrace_hash *hash, const char *glob, size_t len)
{
	struct pattern p = parse_pattern(glob, len);
	struct name_walk walk = { .next = 0 };
	struct ftrace_cursor cursor;
	struct dyn_ftrace *rec;
	unsigned int index;
	bool found = false;
	int err;

	/* No name has a NUL, and patterns that wait are kept as strings. */
	if (memchr(glob, '\0', len))
		return -EINVAL;
	if (parse_index(&p, &index)) {
		rec = index ? ftrace_record_at(index - 1) : NULL;
		return rec ? apply_record(hash, rec, p.remove) : -EINVAL;
	}
	ftrace_for_each_record(cursor, rec) {
		if (rec->flags & FTRACE_FL_DISABLED || !record_matches(&p, rec, &walk))
			continue;
		found = true;
		err = apply_record(hash, rec, p.remove);
		if (err)
			return err;
	}
	return match_pattern(hash, &p, found);
}

int ftrace_filters_module(struct ftrace_ops_hash *filters, const struct ftrace_group *group)
{
	struct ftrace_hash *hashes[2] = { filters->filter_hash, filters->notrace_hash };
	struct name_walk walk = { .next = 0 };
	const struct ftrace_pattern *pattern;
	unsigned int which, i;
	int err = 0;

	for (which = 0; which < ARRAY_SIZE(hashes); which++) {
		pattern = hashes[which] ? hashes[which]->patterns : NULL;
		for (; pattern; pattern = pattern->next) {
			struct pattern p = parse_pattern(pattern->text, strlen(pattern->text));

			for (i = 0; i < group->nr && !err; i++) {
				if (record_matches(&p, &group->recs[i], &walk))
					err = apply_record(hashes[which], &group->recs[i], false);
			}
		}
	}
	return err;
}

/* Make @hash the filter or notrace hash of @ops; it is consumed. ftrace_lock held. */
static int install(struct ftrace_ops *ops, bool exclude, struct ftrace_hash *hash)
{
	struct ftrace_ops_hash *filters = ftrace_ops_filters(ops), next = *filters;
	struct ftrace_hash **slot = exclude ? &next.notrace_hash : &next.filter_hash;
	struct ftrace_hash *old = *slot;
	int err;

	*slot = hash;
	err = ftrace_update_filters(ops, &next);
	if (err) {
		ftrace_hash_free(hash);
		return err;
	}
	*filters = next;
	ops->flags |= FTRACE_OPS_FL_INITIALIZED;
	ftrace_hash_free(old);
	return 0;
}

int ftrace_hash_install(struct ftrace_ops *ops, bool exclude, struct ftrace_hash *hash)
{
	int err;

	mutex_lock(&ftrace_lock);
	err = install(ops, exclude, hash);
	mutex_unlock(&ftrace_lock);
	return err;
}

/* A copy of the hash to edit: the present one, or an empty one for @reset. ftrace_lock held. */
static struct ftrace_hash *editable(struct ftrace_ops *ops, bool exclude, bool reset)
{
	const struct ftrace_ops_hash *now = ftrace_ops_filters(ops);

	return ftrace_hash_copy(reset ? NULL : exclude ? now->notrace_hash : now->filter_hash);
}

struct ftrace_hash *ftrace_filter_copy(struct ftrace_ops *ops, bool exclude)
{
	struct ftrace_hash *copy;

	mutex_lock(&ftrace_lock);
	copy = editable(ops, exclude, false);
	mutex_unlock(&ftrace_lock);
	return copy;
}

static int set_by_glob(struct ftrace_ops *ops, bool exclude, const char *buf, int len, int reset)
{
	struct ftrace_hash *hash;
	int err = -ENOMEM;

	mutex_lock(&ftrace_lock);
	hash = editable(ops, exclude, reset);
	if (hash) {
		err = buf && len > 0 ? ftrace_hash_match(hash, buf, (size_t)len) : 0;
		if (err)
			ftrace_hash_free(hash);
		else
			err = install(ops, exclude, hash);
	}
	mutex_unlock(&ftrace_lock);
	return err;
}

int ftrace_set_filter(struct ftrace_ops *ops, const char *buf, int len, int reset)
{
	return set_by_glob(ops, false, buf, len, reset);
}

int ftrace_set_notrace(struct ftrace_ops *ops, const char *buf, int len, int reset)
{
	return set_by_glob(ops, true, buf, len, reset);
}

static int apply_ip(struct ftrace_hash *hash, unsigned long ip, int remove)
{
	unsigned long site = ftrace_find_location(ip);

	if (!site)
		return -EINVAL;
	return remove ? ftrace_hash_remove(hash, site) : ftrace_hash_add(hash, site);
}

int ftrace_set_filter_ips(struct ftrace_ops *ops, unsigned long *ips, unsigned int cnt, int remove,
			  int reset)
{
	struct ftrace_hash *hash;
	unsigned int i;
	int err;

	mutex_lock(&ftrace_lock);
	hash = editable(ops, false, reset);
	err = hash ? 0 : -ENOMEM;
	for (i = 0; !err && i < cnt; i++)
		err = apply_ip(hash, ips[i], remove);
	if (err)
		ftrace_hash_free(hash);
	else
		err = install(ops, false, hash);
	mutex_unlock(&ftrace_lock);
	return err;
}

int ftrace_set_filter_ip(struct ftrace_ops *ops, unsigned long ip, int remove, int reset)
{
	return ftrace_set_filter_ips(ops, &ip, 1, remove, reset);
}

void ftrace_filters_free(struct ftrace_ops *ops)
{
	ops->func_hash = NULL;
	ftrace_hash_free(ops->local_hash.filter_hash);
	ftrace_hash_free(ops->local_hash.notrace_hash);
	ops->local_hash = (struct ftrace_ops_hash){ NULL, NULL };
	ops->flags &= ~FTRACE_OPS_FL_INITIALIZED;
}

void ftrace_ops_share_filters(struct ftrace_ops *ops, struct ftrace_ops *owner)
{
	mutex_lock(&ftrace_lock);
	owner->func_hash = &owner->local_hash;
	if (!(ops->flags & FTRACE_OPS_FL_INITIALIZED)) {
		ops->func_hash = owner->func_hash;
		ops->flags |= FTRACE_OPS_FL_INITIALIZED;
	} else if (ops->func_hash != owner->func_hash) {
		ftrace_refuse(ops, "shares no filters, it has its own", -EBUSY);
	}
	mutex_unlock(&ftrace_lock);
}

void ftrace_free_filter(struct ftrace_ops *ops)
{
	mutex_lock(&ftrace_lock);
	if (!(ops->flags & FTRACE_OPS_FL_ENABLED))
		ftrace_filters_free(ops);
	mutex_unlock(&ftrace_lock);
}
