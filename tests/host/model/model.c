/* SPDX-License-Identifier: MIT */
/*
 * Makes one call of the real API and of the reference, and compares both: see model.h. Untraced in
 * the kernel, like everything that callbacks may reach.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "tests/host/model/internal.h"
#include "trace/arch.h"
#include "trace/core/filter.h"
#include "trace/core/ops.h"
#include "trace/core/pattern.h"
#include "trace/core/records.h"
#include "trace/core/set.h"

struct ftrace_ops model_ops[MODEL_OPS];
static struct fgraph_ops model_user;
struct model_trace model_trace;
bool model_graph;
char model_problem[240];

void model_fail(const char *fmt, ...)
{
	va_list args;

	if (*model_problem)
		return;
	va_start(args, fmt);
	vsnprintf(model_problem, sizeof(model_problem), fmt, args);
	va_end(args);
}

/* --- The user of the function graph --- */

static bool is_user(unsigned int n)
{
	return model_graph && n == MODEL_PLAIN;
}

struct ftrace_ops *model_op(unsigned int n)
{
	return is_user(n) ? &model_user.ops : &model_ops[n];
}

static int register_callback(unsigned int n)
{
	return is_user(n) ? register_ftrace_graph(&model_user) :
		register_ftrace_function(&model_ops[n]);
}

static int unregister_callback(unsigned int n)
{
	return is_user(n) ? unregister_ftrace_graph(&model_user) :
		unregister_ftrace_function(&model_ops[n]);
}

/* --- The call --- */

/* What a call names. It is made before the reference changes and anything is injected. */
struct arguments {
	unsigned long direct, ip;
	char buf[64];
	const char *glob;
	int len;
	struct ftrace_hash *hash;
};

static struct ftrace_hash *make_hash(const struct model_step *step)
{
	struct ftrace_hash *hash = ftrace_hash_copy(NULL);

	for (unsigned int site = 0; hash && site < MODEL_SITES; site++) {
		model_direct_t direct = model_named_direct(step, site);

		if (model_named(step) & 1u << site)
			ftrace_hash_add_direct(hash, model_ip(site),
					       direct ? model_directs[direct - 1] : 0);
	}
	return hash;
}

/* Makes the text as the callers pass it that enum model_text is about. */
static void make_glob(const struct model_step *step, struct arguments *a)
{
	static char too_long[FTRACE_PATTERN_MAX + 8];

	a->len = model_glob_text(step, a->buf, sizeof(a->buf));
	a->glob = a->buf;
	switch (step->text) {
	case MODEL_TEXT_EMPTY:
	case MODEL_TEXT_BLANK:
		a->len = step->text == MODEL_TEXT_BLANK;
		strscpy(a->buf, " ", sizeof(a->buf));
		break;
	case MODEL_TEXT_NEGATIVE:
		a->len = -a->len;
		break;
	case MODEL_TEXT_TOO_LONG:
		memset(too_long, 'f', sizeof(too_long));
		a->len = sizeof(too_long) - 1;
		snprintf(too_long + a->len - 7, 8, ":mod:%2.2s", model_module);
		a->glob = too_long;
		break;
	case MODEL_TEXT_WITH_NUL:
		a->len++;
		break;
	case MODEL_TEXT_NULL:
		a->glob = NULL;
		a->len = 0;
		break;
	}
}

static void make_arguments(const struct model_step *step, struct arguments *a)
{
	model_direct_t own = model_now.ops[step->ops].direct;

	memset(a, 0, sizeof(*a));
	a->ip = model_ip(step->site);
	make_glob(step, a);
	if (step->call == MODEL_CALL_UNREGISTER_DIRECT)
		a->direct = (own ? model_directs[own - 1] : 0) + step->wrong;
	else
		a->direct = step->wrong ? 0 : model_directs[step->direct];
	if (step->call >= MODEL_CALL_ADD && step->call <= MODEL_CALL_MOD)
		a->hash = make_hash(step);
}

static int call_for_directs(const struct model_step *step, const struct arguments *a)
{
	struct ftrace_ops *ops = model_op(step->ops);

	switch (step->call) {
	case MODEL_CALL_REGISTER_DIRECT:
		return register_ftrace_direct(ops, a->direct);
	case MODEL_CALL_UNREGISTER_DIRECT:
		return unregister_ftrace_direct(ops, a->direct, step->reset);
	case MODEL_CALL_MODIFY_DIRECT:
		return modify_ftrace_direct(ops, a->direct);
	case MODEL_CALL_ADD:
		return update_ftrace_direct_add(ops, a->hash);
	case MODEL_CALL_DEL:
		return update_ftrace_direct_del(ops, a->hash);
	default:
		return update_ftrace_direct_mod(ops, a->hash, true);
	}
}

static int call(const struct model_step *step, const struct arguments *a)
{
	struct ftrace_ops *ops = model_op(step->ops);

	switch (step->call) {
	case MODEL_CALL_REGISTER:
		return register_callback(step->ops);
	case MODEL_CALL_UNREGISTER:
		return unregister_callback(step->ops);
	case MODEL_CALL_FILTER_IP:
		return ftrace_set_filter_ip(ops, a->ip, step->remove, step->reset);
	case MODEL_CALL_FILTER:
		return step->exclude ? ftrace_set_notrace(ops, a->glob, a->len, step->reset) :
			ftrace_set_filter(ops, a->glob, a->len, step->reset);
	case MODEL_CALL_FREE:
		ftrace_free_filter(ops);
		return 0;
	case MODEL_CALL_SHARE:
		ftrace_ops_share_filters(ops, model_filters_owner());
		return 0;
	case MODEL_CALL_LOAD:
		return model_load();
	case MODEL_CALL_UNLOAD:
		return model_unload();
	case MODEL_CALL_SWITCH:
		return ftrace_set_enabled(!step->reset);
	default:
		return call_for_directs(step, a);
	}
}

/* --- Comparing --- */

/*
 * Returns the latest registered callback at @site that was registered before @bound; MODEL_OPS if
 * there is none.
 */
static unsigned int next_callback(const struct model_state *s, unsigned int site,
				  unsigned int bound)
{
	unsigned int best = MODEL_OPS;

	for (unsigned int n = 0; n < MODEL_FIRST_DIRECT; n++) {
		if (model_attached(s, n) & 1u << site && s->ops[n].order < bound &&
		    (best == MODEL_OPS || s->ops[n].order > s->ops[best].order))
			best = n;
	}
	return best;
}

static model_direct_t direct_at(const struct model_state *s, unsigned int site)
{
	for (unsigned int n = MODEL_FIRST_DIRECT; n < MODEL_OPS; n++) {
		if (model_attached(s, n) & 1u << site)
			return model_direct_of(&s->ops[n], site);
	}
	return 0;
}

/* Did exactly that run at @site which @s says? */
static bool agrees(const struct model_state *s, unsigned int site, bool complain)
{
	unsigned int bound = ~0u, nr = 0, n, direct = s->off ? 0 : direct_at(s, site);

	while (!s->off && (n = next_callback(s, site, bound)) < MODEL_OPS) {
		if (nr >= model_trace.nr || model_trace.ran[nr] != model_op(n)) {
			if (complain)
				model_fail("site %u: callback %u should be ops[%u]'s", site, nr, n);
			return false;
		}
		bound = s->ops[n].order;
		nr++;
	}
	for (n = 0; n < MODEL_DIRECTS; n++) {
		if (model_trace.directs[n] == (n + 1 == direct))
			continue;
		if (complain)
			model_fail("site %u: direct function %u ran %u times", site, n,
				   model_trace.directs[n]);
		return false;
	}
	n = is_user(MODEL_PLAIN) && !s->off && model_attached(s, MODEL_PLAIN) & 1u << site;
	if (model_trace.returns != n) {
		if (complain)
			model_fail("site %u: %u returns were told of, expected %u", site,
				   model_trace.returns, n);
		return false;
	}
	if (nr == model_trace.nr && model_trace.bodies == 1)
		return true;
	if (complain)
		model_fail("site %u: %u callbacks ran, expected %u; body x %u", site,
			   model_trace.nr, nr, model_trace.bodies);
	return false;
}

bool model_site_in_transition(unsigned int site)
{
	return agrees(&model_before, site, false) || agrees(&model_now, site, false);
}

/*
 * Checks how many ops the site's set has, and whether the site does anything, with its record and
 * its bytes.
 */
static void check_site(unsigned int site, unsigned long ip)
{
	const struct ftrace_form nop = arch_ftrace_form(ip, NULL);
	const struct dyn_ftrace *rec;
	const struct ftrace_set *set;
	unsigned int nr = 0, nr_ops;
	struct ftrace_form form;
	bool enabled;

	for (unsigned int n = 0; n < MODEL_OPS; n++)
		nr += (model_attached(&model_now, n) >> site) & 1;
	/* A record and its set stay the same only while nobody changes sites. */
	mutex_lock(&ftrace_lock);
	rec = ftrace_find_record(ip);
	set = dyn_ftrace_set(rec);
	nr_ops = set ? set->nr_ops : 0;
	enabled = rec->flags & FTRACE_FL_ENABLED;
	mutex_unlock(&ftrace_lock);
	if (nr_ops != nr)
		model_fail("site %u: its set has %u ops, expected %u", site, nr_ops, nr);
	if (enabled != (nr && !model_now.off))
		model_fail("site %u: the record says that it is %s", site, enabled ? "on" : "off");
	if (arch_ftrace_read(ip, &form) || (form.insn == nop.insn) != (!nr || model_now.off))
		model_fail("site %u: the instruction is %llx", site, (unsigned long long)form.insn);
}

static void check_record(unsigned int site)
{
	model_direct_t direct = direct_at(&model_now, site);
	unsigned long ip = model_ip(site), expected = direct ? model_directs[direct - 1] : 0;

	check_site(site, ip);
	if (ftrace_find_rec_direct(ip) != expected)
		model_fail("site %u: ftrace_find_rec_direct() is %lx, expected %lx", site,
			   ftrace_find_rec_direct(ip), expected);
	if (ftrace_location(ip) != ip)
		model_fail("site %u: ftrace_location() is %lx", site, ftrace_location(ip));
}

static void compare(void)
{
	for (unsigned int site = 0; site < MODEL_SITES && !*model_problem; site++) {
		if (!(model_present(&model_now) & 1u << site))
			continue;
		model_call(site);
		agrees(&model_now, site, true);
		check_record(site);
	}
	for (unsigned int n = 0; n < MODEL_OPS; n++) {
		if (!(model_op(n)->flags & FTRACE_OPS_FL_ENABLED) != !model_now.ops[n].registered)
			model_fail("ops[%u].flags are %x", n, model_op(n)->flags);
		if (model_is_direct(n) && model_ops[n].sharing != model_shares(&model_now, n))
			model_fail("ops[%u] is told that it %s", n,
				   model_ops[n].sharing ? "shares" : "does not share");
	}
}

/*
 * An ops that is not registered keeps the addresses of a module that goes. Its owner would remove
 * them.
 */
static void drop_stale_filters(void)
{
	for (unsigned int n = 0; n < MODEL_OPS; n++) {
		struct model_reference *r = &model_now.ops[n];
		const struct model_filters *own = &r->own_filters;

		if (r->registered || !((own->filter.sites | own->exclude.sites) & MODEL_IN_MODULE))
			continue;
		ftrace_free_filter(model_op(n));
		model_drop_filters(r);
	}
}

static int ops_func(struct ftrace_ops *ops, enum ftrace_ops_cmd cmd)
{
	if (cmd == FTRACE_OPS_CMD_DISABLE_SHARE_IPMODIFY_PEER)
		return 0;
	return model_says((unsigned int)(ops - model_ops));
}

void model_run(const struct model_step *step)
{
	struct arguments arguments;
	int want, err;

	if (step->call == MODEL_CALL_UNLOAD && model_now.loaded)
		drop_stale_filters();
	model_before = model_now;
	model_refuses = step->exclude;
	make_arguments(step, &arguments);
	want = model_expect(step);
	model_inject(step);
	err = call(step, &arguments);
	model_inject_nothing();
	ftrace_hash_free(arguments.hash);
	if (err != want && !(step->fault && (err == -ENOMEM || err == -EFAULT)))
		model_fail("returned %d, expected %d", err, want);
	if (err)
		model_now = model_before;
	compare();
}

void model_start(void)
{
	memset(model_ops, 0, sizeof(model_ops));
	/* As long as it was never registered, only its function says that it is no direct call. */
	model_user = (struct fgraph_ops){
		.entryfunc = model_entry, .retfunc = model_return, .ops.func = model_callback,
	};
	memset(&model_now, 0, sizeof(model_now));
	for (unsigned int n = 0; n < MODEL_FIRST_DIRECT; n++)
		model_ops[n].func = model_callback;
	model_ops[MODEL_RECURSION].flags = FTRACE_OPS_FL_RECURSION;
	model_ops[MODEL_REGS].flags = FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED;
	model_ops[MODEL_IPMODIFY].flags = FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_RECURSION;
	model_ops[MODEL_IPMODIFY2].flags = FTRACE_OPS_FL_IPMODIFY;
	model_ops[MODEL_FIRST_DIRECT].ops_func = model_ops[MODEL_FIRST_DIRECT + 2].ops_func =
		ops_func;
	*model_problem = '\0';
}

/* Unregisters those with one address for all sites, and those with an address for each site. */
static int take_back_direct(unsigned int n)
{
	struct model_step all = { .call = MODEL_CALL_DEL, .ops = (u8)n };
	struct model_reference *r = &model_now.ops[n];
	struct arguments arguments;
	int err;

	if (r->direct)
		return unregister_ftrace_direct(model_op(n), model_directs[r->direct - 1], true);
	for (unsigned int site = 0; site < MODEL_SITES; site++) {
		if (!(r->own_filters.filter.sites & 1u << site))
			continue;
		arguments.hash = ftrace_hash_copy(NULL);
		ftrace_hash_add_direct(arguments.hash, model_ip(site),
				       model_directs[model_direct_of(r, site) - 1]);
		err = call(&all, &arguments);
		ftrace_hash_free(arguments.hash);
		if (err)
			return err;
	}
	return 0;
}

void model_finish(void)
{
	if (model_now.off && ftrace_set_enabled(true))
		model_fail("at the end: it cannot be switched on");
	for (unsigned int n = 0; n < MODEL_OPS; n++) {
		struct model_reference *r = &model_now.ops[n];
		int err = 0;

		if (r->registered && model_is_direct(n))
			err = take_back_direct(n);
		else if (r->registered)
			err = unregister_callback(n);
		if (err)
			model_fail("at the end: taking back ops[%u] returned %d", n, err);
		r->registered = false;
		ftrace_free_filter(model_op(n));
	}
	ftrace_free_filter(model_filters_owner());
	if (model_now.loaded && model_unload())
		model_fail("at the end: the module does not go");
	model_now.loaded = model_now.off = false;
	compare();
}
