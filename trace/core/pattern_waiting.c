/* SPDX-License-Identifier: MIT */
/*
 * Patterns that name a module which is not loaded: they wait in the hash as text, until the module
 * comes and they are applied, or until they are taken back. What a pattern means is in pattern.c.
 */
#include "trace/core/pattern.h"
#include "trace/core/parsed_pattern.h"
#include "trace/kernel.h"

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
		struct pattern waiting = ftrace_pattern_parse((*link)->text, strlen((*link)->text));

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

int ftrace_pattern_wait(struct ftrace_hash *hash, const struct pattern *p)
{
	size_t len = (size_t)(p->module + p->module_len - p->text);

	if (!p->by_module || p->not_module || !p->module_len || len > FTRACE_PATTERN_MAX ||
	    ftrace_pattern_is_glob(p->module, p->module_len) || module_is_there(p, NULL))
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
			if (!ftrace_pattern_matches(p, &group->recs[i], &walk))
				continue;
			err = ftrace_hash_add(hash, dyn_ftrace_ip(&group->recs[i]));
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
		struct pattern p = ftrace_pattern_parse((*link)->text, strlen((*link)->text));
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
		struct pattern p = ftrace_pattern_parse(waiting->text, strlen(waiting->text));

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
	int err;

	lockdep_assert_held(&ftrace_lock);
	err = resolve(&filters->filter_hash, false, coming);
	return err ? err : resolve(&filters->notrace_hash, true, coming);
}

void ftrace_filters_resolved(struct ftrace_ops_hash *filters, int err)
{
	struct ftrace_hash **slots[] = { &filters->filter_hash, &filters->notrace_hash };

	lockdep_assert_held(&ftrace_lock);
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
