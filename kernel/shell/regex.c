/* SPDX-License-Identifier: MIT */
/*
 * Regular expressions. The matcher reads the text once and keeps the set of all atoms that may
 * match next. So no pattern makes it slow, and it does not recurse.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/shell/regex.h"

#define STATE_WORDS (REGEX_ATOMS_MAX / 32 + 1)

static void set_add(struct regex_atom *atom, unsigned char c)
{
	atom->set[c / 32] |= 1u << (c % 32);
}

static bool set_has(const struct regex_atom *atom, unsigned char c)
{
	return atom->set[c / 32] >> (c % 32) & 1;
}

static void set_invert(struct regex_atom *atom)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		atom->set[i] = ~atom->set[i];
}

static void set_fold_case(struct regex_atom *atom)
{
	unsigned char c;

	for (c = 'a'; c <= 'z'; c++) {
		if (set_has(atom, c) || set_has(atom, (unsigned char)(c - 0x20))) {
			set_add(atom, c);
			set_add(atom, (unsigned char)(c - 0x20));
		}
	}
}

/* Compile the bracket expression at @p, after its '['. The position after its ']', or NULL. */
static const char *compile_brackets(struct regex_atom *atom, const char *p)
{
	bool inverted = *p == '^';
	const char *first;
	unsigned int c;

	p += inverted;
	/* A closing bracket as the first member belongs to the set. */
	for (first = p; *p && (*p != ']' || p == first); p++) {
		c = (unsigned char)*p;
		if (p[1] == '-' && p[2] && p[2] != ']') {
			for (; c < (unsigned char)p[2]; c++)
				set_add(atom, (unsigned char)c);
			p += 2;
		}
		set_add(atom, (unsigned char)*p);
	}
	if (*p != ']')
		return NULL;
	if (inverted)
		set_invert(atom);
	return p + 1;
}

/* Compile the repetitions after an atom: `*`, and in extended syntax `+` and `?`. */
static const char *compile_repeat(struct regex_atom *atom, const char *p, bool extended)
{
	for (;; p++) {
		if (*p != '*' && !(extended && (*p == '+' || *p == '?')))
			return p;
		atom->optional |= *p != '+';
		atom->repeat |= *p != '?';
	}
}

struct compiler {
	struct regex *re;
	const char *p;
	unsigned int flags;
	const char *error;
};

static bool at_bar(const struct compiler *c)
{
	return c->flags & REGEX_EXTENDED ? *c->p == '|' : c->p[0] == '\\' && c->p[1] == '|';
}

static int compile_atom(struct compiler *c)
{
	struct regex *re = c->re;
	struct regex_atom *atom;

	if (re->nr_atoms == REGEX_ATOMS_MAX) {
		c->error = "pattern too long";
		return -EINVAL;
	}
	if ((c->flags & REGEX_EXTENDED && (*c->p == '(' || *c->p == ')')) ||
	    (c->p[0] == '\\' && !(c->flags & REGEX_EXTENDED) &&
	     (c->p[1] == '(' || c->p[1] == ')'))) {
		c->error = "groups are not supported";
		return -EINVAL;
	}
	atom = &re->atoms[re->nr_atoms++];
	*atom = (struct regex_atom){ 0 };
	if (*c->p == '.') {
		/* The complement of the empty set is everything. */
		set_invert(atom);
		c->p++;
	} else if (*c->p == '[') {
		c->p = compile_brackets(atom, c->p + 1);
		if (!c->p) {
			c->error = "unmatched [";
			return -EINVAL;
		}
	} else {
		if (*c->p == '\\' && !*++c->p) {
			c->error = "trailing backslash";
			return -EINVAL;
		}
		set_add(atom, (unsigned char)*c->p++);
	}
	if (c->flags & REGEX_IGNORE_CASE)
		set_fold_case(atom);
	c->p = compile_repeat(atom, c->p, c->flags & REGEX_EXTENDED);
	return 0;
}

static int compile_branch(struct compiler *c)
{
	struct regex_branch *branch;
	int err = 0;

	if (c->re->nr_branches == REGEX_BRANCHES_MAX) {
		c->error = "too many alternatives";
		return -EINVAL;
	}
	branch = &c->re->branches[c->re->nr_branches++];
	*branch = (struct regex_branch){ .first = c->re->nr_atoms };
	if (*c->p == '^') {
		branch->from_start = true;
		c->p++;
	}
	while (!err && *c->p && !at_bar(c)) {
		if (*c->p == '$') {
			c->p++;
			/* `$` has a meaning only at the end of a branch. */
			branch->to_end = !*c->p || at_bar(c);
			if (branch->to_end)
				break;
			c->p--;
		}
		err = compile_atom(c);
	}
	branch->end = c->re->nr_atoms;
	return err;
}

int regex_compile(struct regex *re, const char *pattern, unsigned int flags, const char **error)
{
	struct compiler c = { .re = re, .p = pattern, .flags = flags };
	int err;

	re->nr_atoms = re->nr_branches = 0;
	for (;;) {
		err = compile_branch(&c);
		if (err || !at_bar(&c))
			break;
		c.p += flags & REGEX_EXTENDED ? 1 : 2;
	}
	*error = c.error;
	return err;
}

struct states {
	u32 bits[STATE_WORDS];
};

/* Add atom @i to the set, and those after it as long as the ones before them may be left out. */
static void enter(const struct regex *re, const struct regex_branch *branch, struct states *s,
		  unsigned int i)
{
	for (;; i++) {
		s->bits[i / 32] |= 1u << (i % 32);
		if (i == branch->end || !re->atoms[i].optional)
			return;
	}
}

static bool in_state(const struct states *s, unsigned int i)
{
	return s->bits[i / 32] >> (i % 32) & 1;
}

static bool branch_matches(const struct regex *re, const struct regex_branch *branch,
			   const char *text, size_t len)
{
	struct states now = { 0 }, next;
	unsigned int atom;
	size_t i;

	for (i = 0; ; i++) {
		/* A match may begin at every byte, unless `^` anchors it to the first one. */
		if (!i || !branch->from_start)
			enter(re, branch, &now, branch->first);
		if (in_state(&now, branch->end) && (!branch->to_end || i == len))
			return true;
		if (i == len)
			return false;
		memset(&next, 0, sizeof(next));
		/* One step for all atoms in the set: the time is at most atoms times bytes. */
		for (atom = branch->first; atom < branch->end; atom++) {
			if (!in_state(&now, atom) ||
			    !set_has(&re->atoms[atom], (unsigned char)text[i]))
				continue;
			enter(re, branch, &next, atom + 1);
			if (re->atoms[atom].repeat)
				enter(re, branch, &next, atom);
		}
		now = next;
	}
}

bool regex_match(const struct regex *re, const char *text, size_t len)
{
	unsigned int i;

	for (i = 0; i < re->nr_branches; i++)
		if (branch_matches(re, &re->branches[i], text, len))
			return true;
	return false;
}
