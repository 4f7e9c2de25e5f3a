/* SPDX-License-Identifier: MIT */
/*
 * The reference: what each call should return, and what is attached afterwards. It knows nothing of
 * sets, forms or records: sites are bits, and the registered ops are a list in order. See model.h.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "tests/host/model/internal.h"

const struct model_glob model_globs[MODEL_NR_GLOBS] = {
	{ .text = "*", .sites = MODEL_ALL }, { .text = "0*", .sites = 0x3ff },
	{ .text = "1*", .sites = 0x1c00 }, { .text = "?2", .sites = 0x1004 },
	{ .text = "0[0-3]", .sites = 0xf }, { .text = "0[!0-4]", .sites = 0x3e0 },
	{ .text = "07", .sites = 0x80 }, { .text = "*1*", .sites = 0x1c02 }, { .text = "9*" },
	{ .text = "*:mod:", .sites = MODEL_IN_MODULE, .by_module = true },
	{ .text = "?1:mod:", .sites = 0x800, .by_module = true },
	{ .text = "9*:mod:", .by_module = true },
	{ .text = "*:mod:", .sites = MODEL_IN_MODULE, .by_module = true, .bare = true },
	{ .text = ":mod:", .sites = MODEL_IN_MODULE, .by_module = true, .bare = true },
};

struct model_state model_now, model_before;
static unsigned int last_order;
bool model_refuses;

static bool empty(const struct model_filter *filter)
{
	return !filter->sites && !filter->waiting && !filter->emptied;
}

u32 model_present(const struct model_state *s)
{
	return s->loaded ? MODEL_ALL : MODEL_ALL & ~MODEL_IN_MODULE;
}

/* Returns the sites that ops @n is attached to. */
u32 model_attached(const struct model_state *s, unsigned int n)
{
	const struct model_reference *r = &s->ops[n];
	const struct model_filters *filters = r->shares_filters ? &s->global : &r->own_filters;

	if (!r->registered)
		return 0;
	return (empty(&filters->filter) ? MODEL_ALL : filters->filter.sites) &
	       ~filters->exclude.sites & model_present(s);
}

/* Returns its filters, its own or the shared ones, for the call to change. */
static struct model_filters *filters_of(struct model_reference *r)
{
	return r->shares_filters ? &model_now.global : &r->own_filters;
}

static bool modifies_ip(unsigned int n)
{
	return n == MODEL_IPMODIFY || n == MODEL_IPMODIFY2;
}

static bool is_fresh(const struct model_reference *r)
{
	return !r->registered && !r->shares_filters && empty(&r->own_filters.filter) &&
	       empty(&r->own_filters.exclude);
}

/* Do direct calls of @n share a site with a callback that modifies ip? */
bool model_shares(const struct model_state *s, unsigned int n)
{
	return model_attached(s, n) &
	       (model_attached(s, MODEL_IPMODIFY) | model_attached(s, MODEL_IPMODIFY2));
}

/*
 * Returns what the direct ops @n answers when it is asked to share. The first agrees, the second
 * cannot.
 */
int model_says(unsigned int n)
{
	if (n == MODEL_FIRST_DIRECT)
		return 0;
	return n == MODEL_FIRST_DIRECT + 1 ? -EBUSY : model_refuses ? -EAGAIN : 0;
}

/* Returns the latest registered ops of those registered before @bound. */
static unsigned int latest(const struct model_state *s, unsigned int bound)
{
	unsigned int best = MODEL_OPS;

	for (unsigned int n = 0; n < MODEL_OPS; n++) {
		if (s->ops[n].registered && s->ops[n].order < bound &&
		    (best == MODEL_OPS || s->ops[n].order > s->ops[best].order))
			best = n;
	}
	return best;
}

model_direct_t model_direct_of(const struct model_reference *r, unsigned int site)
{
	return r->own[site] ? r->own[site] : r->direct;
}

/*
 * Returns the sites to which @n is attached now, but was not before, or had another direct
 * function.
 */
static u32 changed(unsigned int n)
{
	u32 sites = model_attached(&model_now, n) & ~model_attached(&model_before, n);

	for (unsigned int site = 0; site < MODEL_SITES; site++) {
		if (model_attached(&model_now, n) & 1u << site &&
		    model_direct_of(&model_now.ops[n], site) !=
			    model_direct_of(&model_before.ops[n], site))
			sites |= 1u << site;
	}
	return sites;
}

/* Callbacks that modify ip come with @n: the direct ops that they meet first are asked in turn. */
static int ask_directs(unsigned int n, const u32 *there)
{
	unsigned int other, bound = ~0u;
	int err = 0;

	while (!err && (other = latest(&model_now, bound)) < MODEL_OPS) {
		if (model_is_direct(other) && there[other] & model_attached(&model_now, n) &&
		    !model_shares(&model_before, other))
			err = model_says(other);
		bound = model_now.ops[other].order;
	}
	return err;
}

/*
 * @n comes to sites where the others have what @there[] says. Those that must agree are asked
 * first; then two direct functions on a site, or two callbacks that modify ip, are a conflict.
 */
static int answer(unsigned int n, const u32 *there)
{
	const u32 ip_modified = there[MODEL_IPMODIFY] | there[MODEL_IPMODIFY2];
	u32 alike = 0;
	int err = 0;

	if (model_is_direct(n) && changed(n) & ip_modified)
		err = model_says(n);
	if (modifies_ip(n))
		err = ask_directs(n, there);
	for (unsigned int other = 0; other < MODEL_OPS; other++) {
		if (other != n && ((model_is_direct(n) && model_is_direct(other)) ||
				   (modifies_ip(n) && modifies_ip(other))))
			alike |= there[other];
	}
	return !err && alike & model_attached(&model_now, n) ? -EBUSY : err;
}

/* The same for a call that changes only @n. */
static int answer_to(unsigned int n)
{
	u32 there[MODEL_OPS];

	for (unsigned int other = 0; other < MODEL_OPS; other++)
		there[other] = model_attached(&model_before, other);
	return answer(n, there);
}

static bool bad_filters(unsigned int n, const struct model_filters *filters)
{
	return modifies_ip(n) && (empty(&filters->filter) || !empty(&filters->exclude));
}

/*
 * Each glob that waits finds the sites of the module that is there, once. From then on they are
 * like any others. A filter whose glob finds nothing matches nothing.
 */
static void settle(struct model_filters *filters, struct model_filter *filter)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(model_globs) && model_now.loaded; i++) {
		if (!(filter->waiting & 1u << i))
			continue;
		filter->sites |= model_globs[i].sites;
		filter->waiting &= ~(1u << i);
		if (!model_globs[i].sites && filter == &filters->filter)
			filter->emptied = true;
	}
}

static void settle_both(struct model_filters *filters)
{
	settle(filters, &filters->filter);
	settle(filters, &filters->exclude);
}

static int expect_register(struct model_reference *r, unsigned int n)
{
	if (r->registered)
		return -EBUSY;
	if (!FTRACE_HAVE_ARGS && modifies_ip(n))
		return -EOPNOTSUPP;
	if (model_is_direct(n) || bad_filters(n, filters_of(r)))
		return -EINVAL;
	r->registered = r->initialized = true;
	r->order = ++last_order;
	settle_both(filters_of(r));
	return answer_to(n);
}

static int expect_unregister(struct model_reference *r, unsigned int n)
{
	if (!r->registered || model_is_direct(n))
		return -EBUSY;
	r->registered = false;
	return 0;
}

static int expect_register_direct(struct model_reference *r, unsigned int n,
				  const struct model_step *step)
{
	if (!FTRACE_HAVE_ARGS)
		return -EOPNOTSUPP;
	if (!model_is_direct(n) || step->wrong || !r->initialized || r->registered ||
	    r->shares_filters || empty(&r->own_filters.filter))
		return -EINVAL;
	r->registered = true;
	r->direct = (model_direct_t)(step->direct + 1);
	r->order = ++last_order;
	settle_both(filters_of(r));
	return answer_to(n);
}

void model_drop_filters(struct model_reference *r)
{
	memset(&r->own_filters, 0, sizeof(r->own_filters));
	r->initialized = r->shares_filters = false;
}

static int expect_unregister_direct(struct model_reference *r, unsigned int n,
				    const struct model_step *step)
{
	if (!model_is_direct(n) || !r->registered || !r->direct || step->wrong)
		return -EINVAL;
	r->registered = false;
	r->direct = 0;
	memset(r->own, 0, sizeof(r->own));
	if (step->reset)
		model_drop_filters(r);
	return 0;
}

static int expect_modify_direct(struct model_reference *r, unsigned int n,
				const struct model_step *step)
{
	if (!model_is_direct(n) || !r->registered || !r->direct || step->wrong)
		return -EINVAL;
	r->direct = (model_direct_t)(step->direct + 1);
	return answer_to(n);
}

/*
 * The calls update_ftrace_direct_*() name the sites of the glob; those with an odd number have the
 * other direct function. A wrong call names no function at its first site.
 */
u32 model_named(const struct model_step *step)
{
	return model_globs[step->glob].sites & model_present(&model_now);
}

model_direct_t model_named_direct(const struct model_step *step, unsigned int site)
{
	const struct model_reference *r = &model_now.ops[step->ops];

	if (step->wrong && !(model_named(step) & ((1u << site) - 1)))
		return 0;
	if (step->call == MODEL_CALL_DEL && model_direct_of(r, site))
		return model_direct_of(r, site);
	return (model_direct_t)(1 + (step->direct + site) % MODEL_DIRECTS);
}

static bool fits(const struct model_step *step, unsigned int site)
{
	const struct model_reference *r = &model_now.ops[step->ops];
	const struct model_filter *filter = &r->own_filters.filter;
	model_direct_t direct = model_named_direct(step, site);

	if (step->call == MODEL_CALL_DEL)
		return filter->sites & 1u << site && direct && model_direct_of(r, site) == direct;
	if (step->call == MODEL_CALL_MOD)
		return direct && filter->sites & 1u << site;
	for (unsigned int n = MODEL_FIRST_DIRECT; n < MODEL_OPS; n++) {
		if (model_attached(&model_before, n) & 1u << site)
			return false;
	}
	return direct && !((filter->sites | r->own_filters.exclude.sites) & 1u << site);
}

static int expect_hash(struct model_reference *r, unsigned int n, const struct model_step *step)
{
	struct model_reference next = *r;

	if (!FTRACE_HAVE_ARGS && step->call == MODEL_CALL_ADD)
		return -EOPNOTSUPP;
	if (!model_is_direct(n) || !model_named(step) ||
	    (!r->registered && (step->call != MODEL_CALL_ADD || !is_fresh(r))))
		return -EINVAL;
	for (unsigned int site = 0; site < MODEL_SITES; site++) {
		if (!(model_named(step) & 1u << site))
			continue;
		if (!fits(step, site))
			return -EINVAL;
		next.own[site] = step->call == MODEL_CALL_DEL ? 0 : model_named_direct(step, site);
		next.own_filters.filter.sites |= 1u << site;
		if (step->call == MODEL_CALL_DEL)
			next.own_filters.filter.sites &= ~(1u << site);
	}
	if (!r->registered) {
		next.registered = next.initialized = true;
		next.order = ++last_order;
	}
	*r = next;
	if (!r->own_filters.filter.sites && !r->own_filters.filter.waiting) {
		r->registered = false;
		r->direct = 0;
		model_drop_filters(r);
	}
	return answer_to(n);
}

/* Is @other attached by the filters of @n? */
static bool moves_with(unsigned int n, unsigned int other)
{
	return model_now.ops[other].registered &&
	       (n == other ||
		(model_now.ops[n].shares_filters && model_now.ops[other].shares_filters));
}

/* Returns what installing changed filters should return. All ops that share them move at once. */
static int expect_install(struct model_reference *r, unsigned int n)
{
	u32 there[MODEL_OPS];
	unsigned int other;
	int err = 0;

	r->initialized = true;
	for (other = 0; other < MODEL_OPS; other++) {
		bool moves = moves_with(n, other);

		if (moves && model_is_direct(other))
			return -EBUSY;
		if (moves && bad_filters(other, filters_of(r)))
			return -EINVAL;
		there[other] = model_attached(moves ? &model_now : &model_before, other);
	}
	for (other = 0; !err && other < MODEL_OPS; other++) {
		if (moves_with(n, other))
			err = answer(other, there);
	}
	return err;
}

static int expect_filter_ip(struct model_reference *r, unsigned int n,
			    const struct model_step *step)
{
	struct model_filter *filter = &filters_of(r)->filter;
	u32 site = 1u << step->site;

	if (step->reset)
		memset(filter, 0, sizeof(*filter));
	settle(filters_of(r), filter);
	if (!(site & model_present(&model_now)))
		return -EINVAL;
	if (step->remove && !(filter->sites & site))
		return -ENOENT;
	if (step->remove)
		filter->sites &= ~site;
	else
		filter->sites |= site;
	return expect_install(r, n);
}

/*
 * A glob for the module that is not there waits, or waits no longer. Returns false if it did not
 * wait.
 */
static bool expect_waiting(struct model_filter *filter, const struct model_step *step)
{
	u32 globs = model_globs[step->glob].bare ? ~0u : 1u << step->glob, had = filter->waiting;

	if (!step->remove) {
		filter->waiting |= 1u << step->glob;
		return true;
	}
	filter->waiting &= ~globs;
	return had & globs;
}

static int expect_filter(struct model_reference *r, unsigned int n, const struct model_step *step)
{
	struct model_filters *filters = filters_of(r);
	struct model_filter *filter = step->exclude ? &filters->exclude : &filters->filter;
	const struct model_glob *glob = &model_globs[step->glob];
	u32 found = glob->sites & model_present(&model_now);

	if (step->text >= MODEL_TEXT_EMPTY && step->text <= MODEL_TEXT_TOO_LONG)
		return -EINVAL;
	if (step->reset)
		memset(filter, 0, sizeof(*filter));
	settle(filters, filter);
	if (step->text == MODEL_TEXT_NULL)
		return expect_install(r, n);
	if (found)
		filter->sites = step->remove ? filter->sites & ~found : filter->sites | found;
	else if (!glob->by_module || model_now.loaded || !expect_waiting(filter, step))
		return -EINVAL;
	return expect_install(r, n);
}

/* Filters lose the sites of the module, and never match everything because of that. */
static void forget_module_in(struct model_filters *filters)
{
	if (filters->filter.sites & MODEL_IN_MODULE)
		filters->filter.emptied = true;
	filters->filter.sites &= ~MODEL_IN_MODULE;
	filters->exclude.sites &= ~MODEL_IN_MODULE;
}

static void forget_module(void)
{
	forget_module_in(&model_now.global);
	for (unsigned int n = 0; n < MODEL_OPS; n++) {
		struct model_reference *r = &model_now.ops[n];

		forget_module_in(&r->own_filters);
		memset(&r->own[MODEL_FIRST_MODULE_SITE], 0, MODEL_SITES - MODEL_FIRST_MODULE_SITE);
		if (model_is_direct(n) && r->registered && !r->direct &&
		    !r->own_filters.filter.sites) {
			r->registered = false;
			model_drop_filters(r);
		}
	}
}

/* Each ops finds the sites of the module in turn, the latest registered first. */
static int expect_load(void)
{
	u32 there[MODEL_OPS] = { 0 };
	unsigned int n, bound = ~0u;
	int err;

	if (model_now.loaded)
		return -EEXIST;
	model_now.loaded = true;
	settle_both(&model_now.global);
	for (n = 0; n < MODEL_OPS; n++) {
		if (model_now.ops[n].registered)
			settle_both(filters_of(&model_now.ops[n]));
	}
	while ((n = latest(&model_now, bound)) < MODEL_OPS) {
		err = answer(n, there);
		if (err)
			return err;
		there[n] = model_attached(&model_now, n) & MODEL_IN_MODULE;
		bound = model_now.ops[n].order;
	}
	return 0;
}

static int expect_unload(void)
{
	if (!model_now.loaded)
		return -ENOENT;
	forget_module();
	model_now.loaded = false;
	return 0;
}

/* Changes the reference as the call should. Returns what the call should return. */
int model_expect(const struct model_step *step)
{
	unsigned int n = step->ops;
	struct model_reference *r = &model_now.ops[n];

	switch (step->call) {
	case MODEL_CALL_REGISTER:
		return expect_register(r, n);
	case MODEL_CALL_UNREGISTER:
		return expect_unregister(r, n);
	case MODEL_CALL_REGISTER_DIRECT:
		return expect_register_direct(r, n, step);
	case MODEL_CALL_UNREGISTER_DIRECT:
		return expect_unregister_direct(r, n, step);
	case MODEL_CALL_MODIFY_DIRECT:
		return expect_modify_direct(r, n, step);
	case MODEL_CALL_FILTER_IP:
		return expect_filter_ip(r, n, step);
	case MODEL_CALL_FILTER:
		return expect_filter(r, n, step);
	case MODEL_CALL_FREE:
		if (!r->registered)
			model_drop_filters(r);
		return 0;
	case MODEL_CALL_SHARE:
		/* An ops that is registered or has filters keeps its own. */
		if (!r->initialized)
			r->initialized = r->shares_filters = true;
		return 0;
	case MODEL_CALL_LOAD:
		return expect_load();
	case MODEL_CALL_UNLOAD:
		return expect_unload();
	case MODEL_CALL_SWITCH:
		model_now.off = step->reset;
		return 0;
	default:
		return expect_hash(r, n, step);
	}
}
