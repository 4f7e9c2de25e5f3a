/* SPDX-License-Identifier: MIT */
/*
 * The matcher keeps the set of atoms that could come next and goes through the
 * text once, so that no pattern takes long or deep recursion.
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

/* The bracket expression behind '[' at @p; returns what follows ']', or NULL. */
static const char *compile_brackets(struct regex_atom *atom, const char *p)
{
	bool inverted = *p == '^';
	const char *first;
	unsigned int c;

	p += inverted;
	/* A bracket that comes first is a member, and does not close. */
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

/* `*`, and in extended syntax `+` and `?`, behind an atom. */
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
	    (c->p[0] == '\\' && !(c->flags & REGEX_EXTENDED) && (c->p[1] == '(' || c->p[1] == ')'))) {
		c->error = "groups are not supported";
		return -EINVAL;
	}
	atom = &re->atoms[re->nr_atoms++];
	*atom = (struct regex_atom){ 0 };
	if (*c->p == '.') {
		/* A dot is everything: the complement of the empty set. */
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
			/*
			 * A dollar sign anywhere but at the end of a branch is an ordinary
			 * character.
			 */
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

/* Atom @i may come next, and those behind it as long as they may be left out. */
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
		/* Unless it is anchored, a match may begin at every byte. */
		if (!i || !branch->from_start)
			enter(re, branch, &now, branch->first);
		if (in_state(&now, branch->end) && (!branch->to_end || i == len))
			return true;
		if (i == len)
			return false;
		memset(&next, 0, sizeof(next));
		/*
		 * All states advance at once, so that no pattern takes more time than its length
		 * times the text's.
		 */
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
