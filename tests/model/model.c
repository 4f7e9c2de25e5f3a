/* SPDX-License-Identifier: MIT */
/*
 * The reference, and one call against it: see model.h. The reference knows nothing of sets, forms
 * or records; sites are bits. Untraced in the kernel, as all that callbacks may reach.
 */
#include "tests/model/model.h"
#include "kernel/errno.h"
#include "kernel/printk.h"
#include "kernel/string.h"

enum {
	MODEL_CALL_REGISTER, MODEL_CALL_UNREGISTER, MODEL_CALL_REGISTER_DIRECT,
	MODEL_CALL_UNREGISTER_DIRECT, MODEL_CALL_MODIFY_DIRECT, MODEL_CALL_FILTER_IP,
	MODEL_CALL_FILTER, MODEL_CALL_FREE, MODEL_CALL_LOAD, MODEL_CALL_UNLOAD, MODEL_NR_CALLS
};

#define ALL ((1u << MODEL_SITES) - 1)
#define IN_MODULE (ALL & ~((1u << MODEL_FIRST_MODULE_SITE) - 1))

/* Behind the prefix, and which functions that is. */
static const struct {
	const char *text;
	u32 sites;
	bool by_module;
} globs[] = {
	{ "*", ALL, false }, { "0*", 0x3ff, false }, { "1*", 0x1c00, false },
	{ "?2", 0x1004, false }, { "0[0-3]", 0xf, false }, { "0[!0-4]", 0x3e0, false },
	{ "07", 0x80, false }, { "*1*", 0x1c02, false }, { "9*", 0, false },
	{ "*:mod:", IN_MODULE, true }, { "?1:mod:", 0x800, true },
};

/* A filter: its sites, the globs that wait for the module, and whether "no sites" means none. */
struct filter {
	u32 sites, waiting;
	bool selective;
};

struct state {
	bool loaded;
	struct reference {
		bool registered, initialized;
		struct filter filter, exclude;
		unsigned int order, direct;
	} ops[MODEL_OPS];
};

static struct state now, before;
static unsigned int last_order;
struct ftrace_ops model_ops[MODEL_OPS];
struct model_trace model_trace;
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

/* --- The reference --- */

static bool empty(const struct filter *filter)
{
	return !filter->sites && !filter->selective;
}

static u32 present(const struct state *s)
{
	return s->loaded ? ALL : ALL & ~IN_MODULE;
}

/* Where @n is attached. */
static u32 attached(const struct state *s, unsigned int n)
{
	const struct reference *r = &s->ops[n];

	if (!r->registered)
		return 0;
	return (empty(&r->filter) ? ALL : r->filter.sites) & ~r->exclude.sites & present(s);
}

static bool is_direct(unsigned int n)
{
	return n >= MODEL_FIRST_DIRECT;
}

static bool modifies_ip(unsigned int n)
{
	return n == MODEL_IPMODIFY || n == MODEL_IPMODIFY2;
}

/* Two direct functions, or two that change where it goes on, at one site? */
static bool conflicts(const struct state *s)
{
	for (unsigned int a = 0; a < MODEL_OPS; a++) {
		for (unsigned int b = 0; b < a; b++) {
			if ((is_direct(a) && is_direct(b)) || (modifies_ip(a) && modifies_ip(b)))
				if (attached(s, a) & attached(s, b))
					return true;
		}
	}
	return false;
}

static bool bad_filters(unsigned int n, const struct reference *r)
{
	return modifies_ip(n) && (empty(&r->filter) || !empty(&r->exclude));
}

/* Globs that wait find the sites of the module that is there. */
static void find_waiting(struct state *s, struct filter *filter)
{
	for (unsigned int i = 0; s->loaded && i < ARRAY_SIZE(globs); i++) {
		if (filter->waiting & 1u << i)
			filter->sites |= globs[i].sites;
	}
}

static int expect_register(struct reference *r, unsigned int n)
{
	if (r->registered)
		return -EBUSY;
	if (is_direct(n) || bad_filters(n, r))
		return -EINVAL;
	r->registered = r->initialized = true;
	r->order = ++last_order;
	find_waiting(&now, &r->filter);
	find_waiting(&now, &r->exclude);
	return conflicts(&now) ? -EBUSY : 0;
}

static int expect_unregister(struct reference *r, unsigned int n)
{
	if (!r->registered || is_direct(n))
		return -EBUSY;
	r->registered = false;
	return 0;
}

static int expect_register_direct(struct reference *r, unsigned int n,
				  const struct model_step *step)
{
	if (!is_direct(n) || step->wrong || !r->initialized || r->registered || empty(&r->filter))
		return -EINVAL;
	r->registered = true;
	r->direct = step->direct;
	r->order = ++last_order;
	find_waiting(&now, &r->filter);
	find_waiting(&now, &r->exclude);
	return conflicts(&now) ? -EBUSY : 0;
}

static int expect_unregister_direct(struct reference *r, unsigned int n,
				    const struct model_step *step)
{
	if (!is_direct(n) || !r->registered || step->wrong)
		return -EINVAL;
	r->registered = false;
	if (step->reset) {
		r->filter = r->exclude = (struct filter){ 0, 0, false };
		r->initialized = false;
	}
	return 0;
}

static int expect_modify_direct(struct reference *r, unsigned int n, const struct model_step *step)
{
	if (!is_direct(n) || !r->registered || step->wrong)
		return -EINVAL;
	r->direct = step->direct;
	return 0;
}

/* What installing changed filters answers. */
static int expect_install(struct reference *r, unsigned int n)
{
	r->initialized = true;
	if (!r->registered)
		return 0;
	if (is_direct(n))
		return -EBUSY;
	if (bad_filters(n, r))
		return -EINVAL;
	return conflicts(&now) ? -EBUSY : 0;
}

static int expect_filter_ip(struct reference *r, unsigned int n, const struct model_step *step)
{
	u32 site = 1u << step->site;

	if (step->reset)
		r->filter = (struct filter){ 0, 0, false };
	if (!(site & present(&now)))
		return -EINVAL;
	if (step->remove && !(r->filter.sites & site))
		return -ENOENT;
	if (step->remove)
		r->filter.sites &= ~site;
	else
		r->filter.sites |= site;
	return expect_install(r, n);
}

static int expect_filter(struct reference *r, unsigned int n, const struct model_step *step)
{
	struct filter *filter = step->exclude ? &r->exclude : &r->filter;
	u32 found = globs[step->glob].sites & present(&now), bit = 1u << step->glob;
	bool waits = globs[step->glob].by_module;

	if (step->reset)
		*filter = (struct filter){ 0, 0, false };
	if (step->remove) {
		filter->sites &= ~found;
		if (waits && filter->waiting & bit) {
			filter->waiting &= ~bit;
			filter->selective = filter->waiting;
		} else if (!found) {
			return -EINVAL;
		}
	} else if (found) {
		filter->sites |= found;
	} else if (waits) {
		filter->waiting |= bit;
		filter->selective = true;
	} else {
		return -EINVAL;
	}
	return expect_install(r, n);
}

static void forget_module_in(struct filter *filter, bool is_filter)
{
	if (filter->sites & IN_MODULE && is_filter)
		filter->selective = true;
	filter->sites &= ~IN_MODULE;
}

/* Filters lose what was the module's, and never become "everything" by that. */
static void forget_module(void)
{
	for (unsigned int n = 0; n < MODEL_OPS; n++) {
		forget_module_in(&now.ops[n].filter, true);
		forget_module_in(&now.ops[n].exclude, false);
	}
}

static int expect_load(void)
{
	if (now.loaded)
		return -EEXIST;
	now.loaded = true;
	for (unsigned int n = 0; n < MODEL_OPS; n++) {
		if (now.ops[n].registered) {
			find_waiting(&now, &now.ops[n].filter);
			find_waiting(&now, &now.ops[n].exclude);
		}
	}
	return conflicts(&now) ? -EBUSY : 0;
}

static int expect_unload(void)
{
	if (!now.loaded)
		return -ENOENT;
	forget_module();
	now.loaded = false;
	return 0;
}

/* Change the reference as the call should, and say what it should return. */
static int expect(const struct model_step *step)
{
	unsigned int n = step->ops;
	struct reference *r = &now.ops[n];

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
		if (!r->registered) {
			r->filter = r->exclude = (struct filter){ 0, 0, false };
			r->initialized = false;
		}
		return 0;
	case MODEL_CALL_LOAD:
		return expect_load();
	default:
		return expect_unload();
	}
}

/* --- The real thing --- */

static int glob_text(const struct model_step *step, char *buf, size_t size)
{
	return snprintf(buf, size, "%s%s%s%s", step->remove ? "!" : "", model_prefix,
			globs[step->glob].text, globs[step->glob].by_module ? model_module : "");
}

/* What a direct call names: one of the functions, or a wrong one. */
static unsigned long direct_of(const struct model_step *step)
{
	if (step->call == MODEL_CALL_UNREGISTER_DIRECT)
		return model_directs[now.ops[step->ops].direct] + step->wrong;
	return step->wrong ? 0 : model_directs[step->direct];
}

static int call(const struct model_step *step, unsigned long direct, unsigned long ip)
{
	struct ftrace_ops *ops = &model_ops[step->ops];
	char glob[64];
	int len = glob_text(step, glob, sizeof(glob));

	switch (step->call) {
	case MODEL_CALL_REGISTER:
		return register_ftrace_function(ops);
	case MODEL_CALL_UNREGISTER:
		return unregister_ftrace_function(ops);
	case MODEL_CALL_REGISTER_DIRECT:
		return register_ftrace_direct(ops, direct);
	case MODEL_CALL_UNREGISTER_DIRECT:
		return unregister_ftrace_direct(ops, direct, step->reset);
	case MODEL_CALL_MODIFY_DIRECT:
		return modify_ftrace_direct(ops, direct);
	case MODEL_CALL_FILTER_IP:
		return ftrace_set_filter_ip(ops, ip, step->remove, step->reset);
	case MODEL_CALL_FILTER:
		return step->exclude ? ftrace_set_notrace(ops, glob, len, step->reset) :
			ftrace_set_filter(ops, glob, len, step->reset);
	case MODEL_CALL_FREE:
		ftrace_free_filter(ops);
		return 0;
	case MODEL_CALL_LOAD:
		return model_load();
	default:
		return model_unload();
	}
}

/* --- Comparing --- */

/* The latest registered callback at @site that was registered before @bound; MODEL_OPS: none. */
static unsigned int next_callback(const struct state *s, unsigned int site, unsigned int bound)
{
	unsigned int best = MODEL_OPS;

	for (unsigned int n = 0; n < MODEL_FIRST_DIRECT; n++) {
		if (attached(s, n) & 1u << site && s->ops[n].order < bound &&
		    (best == MODEL_OPS || s->ops[n].order > s->ops[best].order))
			best = n;
	}
	return best;
}

static unsigned int direct_at(const struct state *s, unsigned int site)
{
	for (unsigned int n = MODEL_FIRST_DIRECT; n < MODEL_OPS; n++) {
		if (attached(s, n) & 1u << site)
			return s->ops[n].direct;
	}
	return MODEL_DIRECTS;
}

/* Is what ran at @site what @s says? */
static bool agrees(const struct state *s, unsigned int site, bool complain)
{
	unsigned int bound = ~0u, nr = 0, n, direct = direct_at(s, site);

	while ((n = next_callback(s, site, bound)) < MODEL_OPS) {
		if (nr >= model_trace.nr || model_trace.ran[nr] != &model_ops[n]) {
			if (complain)
				model_fail("site %u: callback %u should be ops[%u]'s", site, nr, n);
			return false;
		}
		bound = s->ops[n].order;
		nr++;
	}
	for (n = 0; n < MODEL_DIRECTS; n++) {
		if (model_trace.directs[n] == (n == direct))
			continue;
		if (complain)
			model_fail("site %u: direct function %u ran %u times", site, n,
				   model_trace.directs[n]);
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
	return agrees(&before, site, false) || agrees(&now, site, false);
}

/* The index of the site's record: records are in address order, as the functions are. */
static void check_record(unsigned int site)
{
	unsigned int nr = 0, direct = direct_at(&now, site);
	unsigned long expected = direct < MODEL_DIRECTS ? model_directs[direct] : 0;

	for (unsigned int n = 0; n < MODEL_OPS; n++)
		nr += !!(attached(&now, n) & 1u << site);
	if (ftrace_find_rec_direct(model_ip(site)) != expected)
		model_fail("site %u: ftrace_find_rec_direct() is %lx, expected %lx", site,
			   ftrace_find_rec_direct(model_ip(site)), expected);
	if (ftrace_location(model_ip(site)) != model_ip(site))
		model_fail("site %u: ftrace_location() is %lx", site, ftrace_location(model_ip(site)));
}

static void compare(void)
{
	for (unsigned int site = 0; site < MODEL_SITES && !*model_problem; site++) {
		if (!(present(&now) & 1u << site))
			continue;
		model_call(site);
		agrees(&now, site, true);
		check_record(site);
	}
	for (unsigned int n = 0; n < MODEL_OPS; n++) {
		if (!(model_ops[n].flags & FTRACE_OPS_FL_ENABLED) != !now.ops[n].registered)
			model_fail("ops[%u].flags are %x", n, model_ops[n].flags);
	}
}

/* What is not registered keeps addresses of a module that goes; its owner would drop them. */
static void drop_stale_filters(void)
{
	for (unsigned int n = 0; n < MODEL_OPS; n++) {
		struct reference *r = &now.ops[n];

		if (r->registered || !((r->filter.sites | r->exclude.sites) & IN_MODULE))
			continue;
		ftrace_free_filter(&model_ops[n]);
		r->filter = r->exclude = (struct filter){ 0, 0, false };
		r->initialized = false;
	}
}

void model_run(const struct model_step *step)
{
	unsigned long direct = direct_of(step), ip = model_ip(step->site);
	int want, err;

	if (step->call == MODEL_CALL_UNLOAD && now.loaded)
		drop_stale_filters();
	before = now;
	want = expect(step);
	model_inject(step);
	err = call(step, direct, ip);
	model_inject_nothing();
	if (err != want && !(step->fault && (err == -ENOMEM || err == -EFAULT)))
		model_fail("returned %d, expected %d", err, want);
	if (err)
		now = before;
	compare();
}

void model_start(void)
{
	memset(model_ops, 0, sizeof(model_ops));
	memset(&now, 0, sizeof(now));
	for (unsigned int n = 0; n < MODEL_FIRST_DIRECT; n++)
		model_ops[n].func = model_callback;
	model_ops[MODEL_RECURSION].flags = FTRACE_OPS_FL_RECURSION;
	model_ops[MODEL_REGS].flags = FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED;
	model_ops[MODEL_IPMODIFY].flags = FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_RECURSION;
	model_ops[MODEL_IPMODIFY2].flags = FTRACE_OPS_FL_IPMODIFY;
	last_order = 0;
	*model_problem = '\0';
}

void model_finish(void)
{
	for (unsigned int n = 0; n < MODEL_OPS; n++) {
		struct reference *r = &now.ops[n];
		int err = 0;

		if (r->registered && is_direct(n))
			err = unregister_ftrace_direct(&model_ops[n], model_directs[r->direct], true);
		else if (r->registered)
			err = unregister_ftrace_function(&model_ops[n]);
		if (err)
			model_fail("at the end: taking back ops[%u] returned %d", n, err);
		r->registered = false;
		ftrace_free_filter(&model_ops[n]);
	}
	if (now.loaded && model_unload())
		model_fail("at the end: the module does not go");
	now.loaded = false;
	compare();
}

/* --- Sequences --- */

static u32 random_state;

static unsigned int below(unsigned int limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % limit;
}

/* Which calls make sense for an ops; others come now and then. */
static u8 random_call(bool direct)
{
	static const u8 plain[] = {
		MODEL_CALL_REGISTER, MODEL_CALL_REGISTER, MODEL_CALL_UNREGISTER,
		MODEL_CALL_FILTER_IP, MODEL_CALL_FILTER, MODEL_CALL_FILTER,
	};
	static const u8 directs[] = {
		MODEL_CALL_REGISTER_DIRECT, MODEL_CALL_REGISTER_DIRECT,
		MODEL_CALL_UNREGISTER_DIRECT, MODEL_CALL_MODIFY_DIRECT, MODEL_CALL_FILTER_IP,
		MODEL_CALL_FILTER, MODEL_CALL_FILTER,
	};

	if (!below(12))
		return (u8)below(MODEL_NR_CALLS);
	return direct ? directs[below(ARRAY_SIZE(directs))] : plain[below(ARRAY_SIZE(plain))];
}

void model_generate(u32 seed, struct model_step *steps, unsigned int nr)
{
	random_state = seed * 2654435761u + 1;
	for (unsigned int i = 0; i < 8; i++)
		below(1);
	for (unsigned int i = 0; i < nr; i++) {
		struct model_step *step = &steps[i];

		step->ops = (u8)below(MODEL_OPS);
		step->call = random_call(is_direct(step->ops));
		step->site = (u8)below(MODEL_SITES);
		step->glob = (u8)below(ARRAY_SIZE(globs));
		step->direct = (u8)below(MODEL_DIRECTS);
		step->exclude = !below(4);
		step->remove = !below(4);
		step->reset = !below(4);
		step->wrong = !below(8);
		step->inside = !below(3);
		step->fault = below(5) ? 0 : (u8)(1 + below(2));
		step->fault_after = (u8)below(step->fault == 2 ? 50 : 8);
	}
}

static int describe_call(const struct model_step *step, char *buf, size_t size)
{
	char glob[64];

	glob_text(step, glob, sizeof(glob));
	switch (step->call) {
	case MODEL_CALL_REGISTER:
	case MODEL_CALL_UNREGISTER:
		return scnprintf(buf, size, "%sregister_ftrace_function(&ops[%u]);",
				 step->call == MODEL_CALL_REGISTER ? "" : "un", step->ops);
	case MODEL_CALL_REGISTER_DIRECT:
	case MODEL_CALL_MODIFY_DIRECT:
		return scnprintf(buf, size, "%s_ftrace_direct(&ops[%u], direct[%d]);",
				 step->call == MODEL_CALL_REGISTER_DIRECT ? "register" : "modify",
				 step->ops, step->wrong ? -1 : step->direct);
	case MODEL_CALL_UNREGISTER_DIRECT:
		return scnprintf(buf, size, "unregister_ftrace_direct(&ops[%u], %s, %d);", step->ops,
				 step->wrong ? "wrong" : "its_own", step->reset);
	case MODEL_CALL_FILTER_IP:
		return scnprintf(buf, size, "ftrace_set_filter_ip(&ops[%u], site[%u], %d, %d);",
				 step->ops, step->site, step->remove, step->reset);
	case MODEL_CALL_FILTER:
		return scnprintf(buf, size, "ftrace_set_%s(&ops[%u], \"%s\", %u, %d);",
				 step->exclude ? "notrace" : "filter", step->ops, glob,
				 (unsigned int)strlen(glob), step->reset);
	case MODEL_CALL_FREE:
		return scnprintf(buf, size, "ftrace_free_filter(&ops[%u]);", step->ops);
	case MODEL_CALL_LOAD:
		return scnprintf(buf, size, "load_module();");
	default:
		return scnprintf(buf, size, "unload_module();");
	}
}

void model_describe(const struct model_step *step, char *buf, size_t size)
{
	int len = describe_call(step, buf, size);

	if (step->fault)
		len += scnprintf(buf + len, size - (size_t)len, "\t/* %s %u fails */",
				 step->fault == 1 ? "allocation" : "write", step->fault_after);
	if (step->inside)
		scnprintf(buf + len, size - (size_t)len, "\t/* a thread is inside */");
}
