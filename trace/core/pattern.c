/* SPDX-License-Identifier: MIT */
/*
 * What the patterns of filters mean: which functions a pattern adds to a hash or removes from it,
 * and how a pattern waits that names a module which is not loaded yet. The calls that set an ops'
 * filters are in filter.c.
 */
#include "trace/core/pattern.h"
#include "trace/core/ops_list.h"
#include "trace/core/records.h"
#include "trace/kernel.h"

/* One pattern, taken apart: [!]GLOB, or [!][GLOB]:mod:[!]MODULE. */
struct pattern {
	bool remove;
	const char *text;		/* the whole pattern without a leading '!' */
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
	/* No function's name has a colon, so the first ":mod:" ends the glob. */
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
		return !*module == p->not_module;
	return (*module && glob_match(p->module, p->module_len, module)) != p->not_module;
}

/*
 * Finds the names of the kernel's sites in address order. Symbols have the same order, so nothing
 * has to be searched. With a search for each site, a megabyte of patterns would take minutes; like
 * this it takes seconds.
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

static bool name_matches(const struct pattern *p, const char *name, const char *module)
{
	return name && module_matches(p, module) && glob_match(p->glob, p->glob_len, name);
}

/* Does the same for any site, whose name has to be searched. */
static bool site_matches(const struct pattern *p, unsigned long ip)
{
	struct ksym sym = { .module = "" };
	unsigned long flags = arch_irq_save();

	/*
	 * A module's names are kept for longer than its records, and those stay while ftrace_lock
	 * is held.
	 */
	kallsyms_lookup(ip, &sym);
	arch_irq_restore(flags);
	return name_matches(p, sym.name, sym.module);
}

static bool record_matches(const struct pattern *p, const struct dyn_ftrace *rec,
			   struct name_walk *walk)
{
	unsigned long ip = dyn_ftrace_ip(rec);

	if (p->by_module || ip < (unsigned long)_text || ip >= (unsigned long)_end)
		return site_matches(p, ip);
	return name_matches(p, walk_name(walk, ip), "");
}

static int apply_record(struct ftrace_hash *hash, const struct dyn_ftrace *rec, bool remove)
{
	unsigned long ip = dyn_ftrace_ip(rec);

	if (!remove)
		return ftrace_hash_add(hash, ip);
	ftrace_hash_remove(hash, ip);
	return 0;
}

/*
 * Is the pattern a number? Then it names a line of available_filter_functions, the first of which
 * is line 1.
 */
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
	for (size_t i = 0; i < len; i++)
		if (strchr("*?[\\", text[i]))
			return true;
	return false;
}

/* --- Patterns that wait for a module --- */

static bool is_text(const char *text, size_t len, const char *string)
{
	return string && strlen(string) == len && !memcmp(text, string, len);
}

static bool same_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && !memcmp(a, b, a_len);
}

/*
 * Is the module loaded that @p names? @coming is one that counts as loaded although it has no
 * sites.
 */
static bool module_is_there(const struct pattern *p, const char *coming)
{
	const struct ftrace_group *group;

	for (group = ftrace_groups; group; group = group->next)
		if (is_text(p->module, p->module_len, group->module))
			return true;
	return is_text(p->module, p->module_len, coming);
}

/*
 * Remove waiting patterns: '!' before a pattern removes that pattern, and "!*:mod:MODULE" removes
 * all that wait for MODULE. Returns 0, or -EINVAL if no such pattern waits.
 */
static int take_back(struct ftrace_hash *hash, const struct pattern *p)
{
	struct ftrace_pattern **link = &hash->patterns;
	int err = -EINVAL;

	while (*link) {
		struct pattern waiting = parse_pattern((*link)->text, strlen((*link)->text));

		/*
		 * ":mod:MODULE", without a function, was parsed as "*:mod:MODULE" in both places.
		 */
		if (same_text(p->module, p->module_len, waiting.module, waiting.module_len) &&
		    (is_text(p->glob, p->glob_len, "*") ||
		     same_text(p->glob, p->glob_len, waiting.glob, waiting.glob_len))) {
			ftrace_hash_drop_pattern(link);
			err = 0;
		} else {
			link = &(*link)->next;
		}
	}
	return err;
}

/*
 * No function matches @p now. It waits if it has the full name of a module that may still come;
 * otherwise the result is -EINVAL.
 */
static int match_later(struct ftrace_hash *hash, const struct pattern *p)
{
	size_t len = (size_t)(p->module + p->module_len - p->text);

	if (!p->by_module || p->not_module || !p->module_len || len > FTRACE_PATTERN_MAX ||
	    is_glob(p->module, p->module_len) || module_is_there(p, NULL))
		return -EINVAL;
	return p->remove ? take_back(hash, p) : ftrace_hash_add_pattern(hash, p->text, len);
}

/*
 * Add to @hash the functions that @p names in its module, which is loaded. Sets *@found if there
 * are any.
 */
static int add_functions_of_module(struct ftrace_hash *hash, const struct pattern *p, bool *found)
{
	struct name_walk walk = { .next = 0 };
	const struct ftrace_group *group;
	int err = 0;

	for (group = ftrace_groups; group; group = group->next) {
		/*
		 * Code that is built in belongs to no module, even if its source could be built as
		 * one.
		 */
		if (!is_text(p->module, p->module_len, group->module))
			continue;
		for (unsigned int i = 0; i < group->nr && !err; i++) {
			if (!record_matches(p, &group->recs[i], &walk))
				continue;
			err = apply_record(hash, &group->recs[i], false);
			*found = true;
		}
	}
	return err;
}

/*
 * Once a pattern is applied, @hash only has the addresses that it named, so removing one with '!'
 * is final.
 */
int ftrace_hash_settle(struct ftrace_hash *hash, bool exclude, const char *coming)
{
	struct ftrace_pattern **link = &hash->patterns;

	lockdep_assert_held(&ftrace_lock);
	while (*link) {
		struct pattern p = parse_pattern((*link)->text, strlen((*link)->text));
		bool found = false;
		int err;

		if (!module_is_there(&p, coming)) {
			link = &(*link)->next;
			continue;
		}
		err = add_functions_of_module(hash, &p, &found);
		if (err)
			return err;
		ftrace_hash_drop_pattern(link);
		/*
		 * This filter named only functions that the module does not have. It must match
		 * nothing now, not everything.
		 */
		if (!found && !exclude)
			hash->emptied = true;
	}
	return 0;
}

static bool is_waited_for(const struct ftrace_hash *hash, const char *coming)
{
	const struct ftrace_pattern *waiting = hash ? hash->patterns : NULL;

	for (; waiting; waiting = waiting->next) {
		struct pattern p = parse_pattern(waiting->text, strlen(waiting->text));

		if (module_is_there(&p, coming))
			return true;
	}
	return false;
}

static int resolve(struct ftrace_hash **slot, bool exclude, const char *coming)
{
	struct ftrace_hash *settled;

	if (!is_waited_for(*slot, coming))
		return 0;
	settled = ftrace_hash_copy(*slot);
	if (!settled)
		return -ENOMEM;
	settled->before = *slot;
	*slot = settled;
	return ftrace_hash_settle(settled, exclude, coming);
}

int ftrace_filters_resolve(struct ftrace_ops_hash *filters, const char *coming)
{
	int err = resolve(&filters->filter_hash, false, coming);

	return err ? err : resolve(&filters->notrace_hash, true, coming);
}

void ftrace_filters_resolved(struct ftrace_ops_hash *filters, int err)
{
	struct ftrace_hash **slots[] = { &filters->filter_hash, &filters->notrace_hash };

	for (unsigned int i = 0; i < ARRAY_SIZE(slots); i++) {
		struct ftrace_hash *settled = *slots[i], *before = settled ? settled->before : NULL;

		/*
		 * With filters that several ops share, the first of these ops has done this for all
		 * of them.
		 */
		if (!before)
			continue;
		settled->before = NULL;
		*slots[i] = err ? before : settled;
		ftrace_hash_free(err ? settled : before);
	}
}

/* --- One pattern --- */

/*
 * Is the text empty, or does it contain a blank or a control character? No function or module has
 * such a name.
 */
static bool is_no_name(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ')
			return true;
	return !len;
}

/* A pattern, and the hash that it is applied to. */
struct matching {
	struct ftrace_hash *hash;
	const struct pattern *p;
	bool found;
};

/* Applies a pattern to every site. A site that must not be touched matches nothing. */
static int match_all(struct matching *m)
{
	struct name_walk walk = { .next = 0 };
	struct ftrace_cursor cursor;
	struct dyn_ftrace *rec;

	ftrace_for_each_record(cursor, rec) {
		int err;

		/* The walk over names goes along with the records: both are in address order. */
		if (rec->flags & FTRACE_FL_DISABLED || !record_matches(m->p, rec, &walk))
			continue;
		m->found = true;
		err = apply_record(m->hash, rec, m->p->remove);
		if (err)
			return err;
	}
	return 0;
}

static int match_function(void *data, unsigned long addr)
{
	struct matching *m = data;
	struct dyn_ftrace *rec = ftrace_find_record(ftrace_find_location(addr));

	/* The name is compared as well: an address may have several names, but shows only one. */
	if (!rec || rec->flags & FTRACE_FL_DISABLED || !site_matches(m->p, dyn_ftrace_ip(rec)))
		return 0;
	m->found = true;
	return apply_record(m->hash, rec, m->p->remove);
}

/*
 * Applies a pattern that is a whole name by looking the name up, which takes as long however many
 * functions there are. Several functions may have it.
 */
static int match_name(struct matching *m)
{
	char name[KSYM_NAME_LEN];

	if (m->p->glob_len >= sizeof(name))
		return 0;
	memcpy(name, m->p->glob, m->p->glob_len);
	name[m->p->glob_len] = '\0';
	return kallsyms_on_each_match_symbol(match_function, name, m);
}

int ftrace_hash_match_locked(struct ftrace_hash *hash, const char *glob, size_t len)
{
	struct matching matching = { .hash = hash };
	struct dyn_ftrace *rec;
	struct pattern p;
	unsigned int index;
	int err;

	lockdep_assert_held(&ftrace_lock);
	/* A length that includes the terminating NUL means the same name as one that does not. */
	len = strnlen(glob, len);
	if (is_no_name(glob, len))
		return -EINVAL;
	p = parse_pattern(glob, len);
	if (parse_index(&p, &index)) {
		rec = index ? ftrace_record_at(index - 1) : NULL;
		return rec ? apply_record(hash, rec, p.remove) : -EINVAL;
	}
	matching.p = &p;
	err = is_glob(p.glob, p.glob_len) ? match_all(&matching) : match_name(&matching);
	if (err || matching.found)
		return err;
	return match_later(hash, &p);
}

int ftrace_hash_match(struct ftrace_hash *hash, const char *glob, size_t len)
{
	int err;

	mutex_lock(&ftrace_lock);
	err = ftrace_hash_match_locked(hash, glob, len);
	mutex_unlock(&ftrace_lock);
	return err;
}
