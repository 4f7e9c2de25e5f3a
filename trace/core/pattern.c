/* SPDX-License-Identifier: MIT */
/*
 * What the patterns of filters mean: which functions a pattern adds to a hash or removes from it.
 * How a pattern waits for a module that is not loaded yet is in pattern_waiting.c, and the calls
 * that set an ops' filters are in filter.c.
 */
#include "trace/core/pattern.h"
#include "trace/core/parsed_pattern.h"
#include "trace/kernel.h"

struct pattern ftrace_pattern_parse(const char *text, size_t len)
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

bool ftrace_pattern_matches(const struct pattern *p, const struct dyn_ftrace *rec,
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

bool ftrace_pattern_is_glob(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr("*?[\\", text[i]))
			return true;
	return false;
}

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
		if (rec->flags & FTRACE_FL_DISABLED || !ftrace_pattern_matches(m->p, rec, &walk))
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
	p = ftrace_pattern_parse(glob, len);
	if (parse_index(&p, &index)) {
		rec = index ? ftrace_record_at(index - 1) : NULL;
		return rec ? apply_record(hash, rec, p.remove) : -EINVAL;
	}
	matching.p = &p;
	if (ftrace_pattern_is_glob(p.glob, p.glob_len))
		err = match_all(&matching);
	else
		err = match_name(&matching);
	if (err || matching.found)
		return err;
	return ftrace_pattern_wait(hash, &p);
}

int ftrace_hash_match(struct ftrace_hash *hash, const char *glob, size_t len)
{
	int err;

	mutex_lock(&ftrace_lock);
	err = ftrace_hash_match_locked(hash, glob, len);
	mutex_unlock(&ftrace_lock);
	return err;
}
