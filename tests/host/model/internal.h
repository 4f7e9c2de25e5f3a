/* SPDX-License-Identifier: MIT */
/*
 * The interface between the reference (reference.c), the calls and comparisons (model.c), and
 * sequence.c.
 */
#pragma once
#include "tests/host/model/model.h"

enum {
	MODEL_CALL_REGISTER, MODEL_CALL_UNREGISTER, MODEL_CALL_REGISTER_DIRECT,
	MODEL_CALL_UNREGISTER_DIRECT, MODEL_CALL_MODIFY_DIRECT, MODEL_CALL_FILTER_IP,
	MODEL_CALL_FILTER, MODEL_CALL_FREE, MODEL_CALL_LOAD, MODEL_CALL_UNLOAD, MODEL_CALL_ADD,
	MODEL_CALL_DEL, MODEL_CALL_MOD, MODEL_CALL_SWITCH, MODEL_CALL_SHARE, MODEL_NR_CALLS
};

#define MODEL_ALL ((1u << MODEL_SITES) - 1)
#define MODEL_IN_MODULE (MODEL_ALL & ~((1u << MODEL_FIRST_MODULE_SITE) - 1))

#define MODEL_NR_GLOBS 14u
#define MODEL_NR_PLAIN_GLOBS 11u	/* those that even seeds use */
/* A glob without the functions' prefix, and the functions that it matches. */
struct model_glob {
	const char *text;
	u32 sites;
	bool by_module;			/* ":mod:" and the module follow */
	bool bare;			/* nothing precedes that: all of the module */
};
extern const struct model_glob model_globs[MODEL_NR_GLOBS];

/*
 * A filter: its sites, the globs that wait for the module, and whether sites of it went with the
 * module.
 */
struct model_filter {
	u32 sites, waiting;
	bool emptied;
};

struct model_filters {
	struct model_filter filter, exclude;
};

/* A direct function by its number in model_directs[]: 0 is none, 1 the first. */
typedef u8 model_direct_t;

struct model_state {
	bool loaded, off;
	struct model_filters global;		/* those that ops share */
	struct model_reference {
		bool registered, initialized, shares_filters;
		struct model_filters own_filters;
		unsigned int order;
		model_direct_t direct;		/* for all its sites */
		model_direct_t own[MODEL_SITES];	/* the one at this site instead */
	} ops[MODEL_OPS];
};

extern struct model_state model_now, model_before;	/* the call, if it succeeds */
extern bool model_refuses;	/* what the third direct ops says when it is asked to share */

/* Change model_now as the call should. Returns what the call should return. */
int model_expect(const struct model_step *step);
/* Returns what the ops_func of ops @n answers. */
int model_says(unsigned int n);

static inline bool model_is_direct(unsigned int n)
{
	return n >= MODEL_FIRST_DIRECT;
}

u32 model_present(const struct model_state *s);			/* sites */
u32 model_attached(const struct model_state *s, unsigned int n);	/* sites of ops @n */
bool model_shares(const struct model_state *s, unsigned int n);
model_direct_t model_direct_of(const struct model_reference *r, unsigned int site);
/* Returns the sites that a call of update_ftrace_direct_*() names. */
u32 model_named(const struct model_step *step);
model_direct_t model_named_direct(const struct model_step *step, unsigned int site);
void model_drop_filters(struct model_reference *r);

/* Write the text of the step's glob. Returns its length. */
int model_glob_text(const struct model_step *step, char *buf, size_t size);
/* Texts that MODEL_CALL_FILTER passes instead of the glob. */
enum model_text {
	MODEL_TEXT_GLOB, MODEL_TEXT_EMPTY, MODEL_TEXT_BLANK, MODEL_TEXT_NEGATIVE,
	MODEL_TEXT_TOO_LONG,
	MODEL_TEXT_WITH_NUL, MODEL_TEXT_NULL, MODEL_NR_TEXTS
};
