/* SPDX-License-Identifier: MIT */
/* Makes sequences of calls from a seed, and describes a call in C: see model.h. */
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "tests/host/model/internal.h"

int model_glob_text(const struct model_step *step, char *buf, size_t size)
{
	const struct model_glob *glob = &model_globs[step->glob];

	return snprintf(buf, size, "%s%s%s%s", step->remove ? "!" : "",
			glob->bare ? "" : model_prefix, glob->text,
			glob->by_module ? model_module : "");
}

const u32 model_found_seeds[] = { 139110606, 142471639, 0 };

static u32 random_state;

static unsigned int below(unsigned int limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % limit;
}

/* Returns a call, mostly one that makes sense for such an ops. */
static u8 random_call(bool direct)
{
	static const u8 plain[] = {
		MODEL_CALL_REGISTER, MODEL_CALL_REGISTER, MODEL_CALL_UNREGISTER,
		MODEL_CALL_FILTER_IP, MODEL_CALL_FILTER, MODEL_CALL_FILTER, MODEL_CALL_SHARE,
	};
	static const u8 directs[] = {
		MODEL_CALL_REGISTER_DIRECT, MODEL_CALL_REGISTER_DIRECT,
		MODEL_CALL_UNREGISTER_DIRECT, MODEL_CALL_MODIFY_DIRECT, MODEL_CALL_FILTER_IP,
		MODEL_CALL_FILTER, MODEL_CALL_FILTER, MODEL_CALL_ADD, MODEL_CALL_ADD,
		MODEL_CALL_DEL, MODEL_CALL_MOD,
	};

	if (!below(12))
		return (u8)below(MODEL_NR_CALLS);
	return direct ? directs[below(ARRAY_SIZE(directs))] : plain[below(ARRAY_SIZE(plain))];
}

void model_generate(u32 seed, struct model_step *steps, unsigned int nr)
{
	model_graph = seed % 3 == 0;
	random_state = seed * 2654435761u + 1;
	for (unsigned int i = 0; i < 8; i++)
		below(1);
	for (unsigned int i = 0; i < nr; i++) {
		struct model_step *step = &steps[i];

		step->ops = (u8)below(MODEL_OPS);
		step->call = random_call(model_is_direct(step->ops));
		step->site = (u8)below(MODEL_SITES);
		step->glob = (u8)below(seed % 2 ? MODEL_NR_GLOBS : MODEL_NR_PLAIN_GLOBS);
		step->text = seed % 2 && !below(8) ? (u8)below(MODEL_NR_TEXTS) : MODEL_TEXT_GLOB;
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

/* Describes the arguments of ftrace_set_filter() after the ops. */
static int describe_filter(const struct model_step *step, const char *glob, char *buf, size_t size)
{
	unsigned int len = (unsigned int)strlen(glob);

	switch (step->text) {
	case MODEL_TEXT_EMPTY:
		return scnprintf(buf, size, "\"\", 0");
	case MODEL_TEXT_BLANK:
		return scnprintf(buf, size, "\" \", 1");
	case MODEL_TEXT_NEGATIVE:
		return scnprintf(buf, size, "\"%s\", -%u", glob, len);
	case MODEL_TEXT_TOO_LONG:
		return scnprintf(buf, size, "too_long, sizeof(too_long) - 1");
	case MODEL_TEXT_WITH_NUL:
		return scnprintf(buf, size, "\"%s\", %u", glob, len + 1);
	case MODEL_TEXT_NULL:
		return scnprintf(buf, size, "NULL, 0");
	default:
		return scnprintf(buf, size, "\"%s\", %u", glob, len);
	}
}

static int describe_call(const struct model_step *step, char *buf, size_t size)
{
	char glob[64], filter[80];

	model_glob_text(step, glob, sizeof(glob));
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
		return scnprintf(buf, size, "unregister_ftrace_direct(&ops[%u], %s, %d);",
				 step->ops, step->wrong ? "wrong" : "its_own", step->reset);
	case MODEL_CALL_FILTER_IP:
		return scnprintf(buf, size, "ftrace_set_filter_ip(&ops[%u], site[%u], %d, %d);",
				 step->ops, step->site, step->remove, step->reset);
	case MODEL_CALL_FILTER:
		describe_filter(step, glob, filter, sizeof(filter));
		return scnprintf(buf, size, "ftrace_set_%s(&ops[%u], %s, %d);",
				 step->exclude ? "notrace" : "filter", step->ops, filter,
				 step->reset);
	case MODEL_CALL_FREE:
		return scnprintf(buf, size, "ftrace_free_filter(&ops[%u]);", step->ops);
	case MODEL_CALL_SHARE:
		return scnprintf(buf, size, "ftrace_ops_set_global_filter(&ops[%u]);", step->ops);
	case MODEL_CALL_LOAD:
		return scnprintf(buf, size, "load_module();");
	case MODEL_CALL_UNLOAD:
		return scnprintf(buf, size, "unload_module();");
	case MODEL_CALL_SWITCH:
		return scnprintf(buf, size, "ftrace_set_enabled(%d);", !step->reset);
	default:
		/* Only the calls that take a hash are left. */
		return scnprintf(buf, size, "update_ftrace_direct_%s(&ops[%u], %s to direct[%d]);",
				 step->call == MODEL_CALL_ADD ? "add" :
				 step->call == MODEL_CALL_DEL ? "del" : "mod", step->ops, glob,
				 step->wrong ? -1 : step->direct);
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
