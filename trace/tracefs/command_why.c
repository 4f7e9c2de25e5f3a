/* SPDX-License-Identifier: MIT */
/*
 * `trace why FUNCTION`: whether its calls can be traced, and if not, by which rule; and if so, what
 * is attached to it and what a call costs now. The build's table says what the kernel cannot know.
 */
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/shell/console.h"
#include "kernel/shell/shell.h"
#include "trace/core/site_info.h"
#include "trace/ftrace.h"
#include "trace/tracefs/command.h"
#include "trace/tracefs/function_table.h"

#define CALLS_NAMED 8u

/* What has been found under one name. */
struct why {
	struct cmd_context *ctx;
	const char *name;
	bool found, traced;
};

/* --- What is attached to a site --- */

/*
 * What a call costs more than one of a site where nothing is attached, in instructions, without
 * what callbacks and direct functions do; 0 if that was not measured in such a case. A tracer with
 * a trampoline of its own is counted as a whole.
 */
static unsigned int call_cost(const struct ftrace_site_info *info,
			      const struct ftrace_site_call *calls, bool *whole)
{
	unsigned int nr = info->nr_ops - info->direct;
	unsigned int two = function_call_cost(COST_OPS_2);
	unsigned int ten = function_call_cost(COST_OPS_10);
	bool plain = !info->regs;

	for (unsigned int i = 0; i < min(nr, CALLS_NAMED); i++)
		plain = plain && !(calls[i].flags & FTRACE_OPS_FL_RECURSION);
	*whole = info->own_trampoline;
	/* Builds without arguments have no such trampolines. */
	if (FTRACE_HAVE_ARGS && info->own_trampoline)
		return info->trampoline == (unsigned long)function_trace_caller ?
			function_call_cost(COST_TRACER_FUNCTION) :
		       info->trampoline == (unsigned long)graph_trace_caller ?
			function_call_cost(COST_TRACER_GRAPH) : 0;
	if (info->direct)
		return nr > 1 || !plain ? 0 :
		       function_call_cost(nr ? COST_DIRECT_PLUS_OPS_1 : COST_DIRECT);
	if (nr == 1)
		return function_call_cost(info->regs ? COST_OPS_1_REGS :
					  calls->flags & FTRACE_OPS_FL_RECURSION ?
					  COST_OPS_1_RECURSION : COST_OPS_1);
	/* Each of several costs the same. */
	return plain ? two + (nr - 2) * (ten - two) / 8 : 0;
}

static void show_cost(struct cmd_context *ctx, const struct ftrace_site_info *info,
		      const struct ftrace_site_call *calls)
{
	bool whole;
	unsigned int cost = call_cost(info, calls, &whole);

	if (cost)
		cmd_printf(ctx, "  a call costs %u instructions more%s\n", cost,
			   whole ? "" : ", and what these do");
}

static void show_attached(struct cmd_context *ctx, unsigned long site)
{
	struct ftrace_site_call calls[CALLS_NAMED];
	struct ftrace_site_info info;
	unsigned int nr;

	/* The site of a module may have gone since it was found. */
	if (!ftrace_site_info_at(site, &info, calls, CALLS_NAMED))
		return;
	if (info.disabled) {
		cmd_printf(ctx, "  its site could not be changed, and is left alone: see dmesg\n");
		return;
	}
	/* A direct call is an ops as well, but no callback. */
	nr = info.nr_ops - info.direct;
	if (!info.nr_ops)
		cmd_printf(ctx, "  nothing is attached: its site does nothing\n");
	for (unsigned int i = 0; i < min(nr, CALLS_NAMED); i++) {
		unsigned long flags = calls[i].flags;

		cmd_printf(ctx, "  calls %ps%s%s%s\n", (void *)calls[i].func,
			   flags & FTRACE_OPS_FL_SAVE_REGS ? ", with all registers" : "",
			   flags & FTRACE_OPS_FL_RECURSION ? ", with recursion protection" : "",
			   flags & FTRACE_OPS_FL_IPMODIFY ? ", may change where it resumes" : "");
	}
	if (nr > CALLS_NAMED)
		cmd_printf(ctx, "  and %u more\n", nr - CALLS_NAMED);
	if (info.direct)
		cmd_printf(ctx, "  direct call: %ps\n", (void *)info.direct_call);
	if (info.enabled)
		show_cost(ctx, &info, calls);
	else if (info.nr_ops)
		cmd_printf(ctx, "  but tracing is switched off: kernel.ftrace_enabled is 0\n");
}

/* --- Why there is no site --- */

static void show_reason(struct cmd_context *ctx, const char *name, unsigned long addr,
			const struct function_source *source)
{
	const char *cold = strstr(name, ".cold");

	/* What holds for one function comes before what holds for all of its file. */
	if (cold)
		cmd_printf(ctx, "%s: cannot be traced: part of %.*s, which jumps to it\n", name,
			   (int)(cold - name), name);
	else if (!kernel_text_address(addr))
		cmd_printf(ctx, "%s: cannot be traced: ran during boot; its code was freed (%s)\n",
			   name, source->name);
	else if (source->kind == SOURCE_TRACED)
		cmd_printf(ctx, "%s: cannot be traced: marked notrace in %s\n", name, source->name);
	else if (source->kind == SOURCE_UNTRACED)
		cmd_printf(ctx, "%s: cannot be traced: %s is in untraced_sources, for the tracer "
			   "may run it\n", name, source->name);
	else if (source->kind == SOURCE_ASSEMBLY)
		cmd_printf(ctx, "%s: cannot be traced: assembly without a site (%s)\n", name,
			   source->name);
	else
		cmd_printf(ctx, "%s: cannot be traced: assembly in C, or a library's\n", name);
}

static void show_function(struct why *why, unsigned int index, const char *name,
			  unsigned long addr)
{
	unsigned long site = ftrace_location(addr);
	struct function_source source;

	why->found = true;
	function_source_of(index, &source);
	if (!site) {
		show_reason(why->ctx, name, addr, &source);
		return;
	}
	why->traced = true;
	cmd_printf(why->ctx, "%s: can be traced (%s)\n", name, source.name);
	show_attached(why->ctx, site);
}

/* Tells whether a symbol is the function, or a copy of it that the compiler made for some calls. */
static bool is_meant(const char *symbol, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(symbol, name, len) && (!symbol[len] || symbol[len] == '.');
}

static void show_in_image(struct why *why)
{
	unsigned long addr;
	const char *name;

	for (unsigned int i = 0; kallsyms_at(i, &name, &addr); i++)
		if (is_meant(name, why->name))
			show_function(why, i, name, addr);
}

/* Copy the next function of a module that is meant, from *@index on. False if there is none. */
static bool next_in_modules(const char *wanted, unsigned int *index, char *name,
			    unsigned long *addr, char module[64])
{
	unsigned long flags = arch_irq_save();
	const char *here, *modname;
	bool found = false;

	/* Names are copied, for a module may go as soon as interrupts are on. */
	while (!found && kallsyms_module_at(*index, &here, addr, &modname)) {
		++*index;
		found = is_meant(here, wanted);
		if (found) {
			strscpy(name, here, KSYM_NAME_LEN);
			strscpy(module, modname, 64);
		}
	}
	arch_irq_restore(flags);
	return found;
}

static int show_in_modules(struct why *why)
{
	char *name = kmalloc(KSYM_NAME_LEN, GFP_KERNEL), module[64];
	unsigned int index = 0;
	unsigned long addr;

	if (!name)
		return -ENOMEM;
	while (next_in_modules(why->name, &index, name, &addr, module)) {
		unsigned long site = ftrace_location(addr);

		/* Modules bring no table of classes, so of the reasons only this one is known. */
		why->found = true;
		why->traced |= site;
		cmd_printf(why->ctx, "%s: %s\n", name, site ? "can be traced" :
			   "cannot be traced: compiled without a site");
		cmd_printf(why->ctx, "  in the module %s\n", module);
		if (site)
			show_attached(why->ctx, site);
	}
	kfree(name);
	return 0;
}

/* --- What has no code of its own --- */

static void show_callers(struct cmd_context *ctx, const struct function_inlined *inlined)
{
	for (unsigned int i = 0; i < inlined->nr; i++) {
		unsigned long addr;
		const char *name;

		if (kallsyms_at(inlined->values[i], &name, &addr))
			cmd_printf(ctx, "%s%s", i ? ", " : "", name);
	}
	if (inlined->total > inlined->nr)
		cmd_printf(ctx, ", and %u more", inlined->total - inlined->nr);
	cmd_printf(ctx, "\n");
}

static void show_inlined(struct why *why)
{
	struct function_inlined inlined = { .next = NULL };

	while (function_inlined_next(why->name, &inlined)) {
		struct function_source source;

		if (!inlined.total) {
			function_source_at(inlined.values[0], &source);
			cmd_printf(why->ctx, "%s: the weak one of %s lost to this one, and is "
				   "never called\n", why->name, source.name);
			continue;
		}
		/* What cannot be traced anyway needs no second reason. */
		if (why->found && !why->traced)
			continue;
		cmd_printf(why->ctx, why->found ? "%s: some calls are inlined, and not seen, in " :
			   "%s: cannot be traced: every call is inlined, in ", why->name);
		show_callers(why->ctx, &inlined);
		why->found = true;
	}
}

static int show_why(struct cmd_context *ctx, const char *name)
{
	struct why why = { .ctx = ctx, .name = name };
	int err;

	show_in_image(&why);
	err = show_in_modules(&why);
	if (err)
		return cmd_error(ctx, "%s", errno_string(err));
	show_inlined(&why);
	if (!why.found)
		return cmd_error(ctx, "%.128s: no such function is in this build or in a module",
				 name);
	return !why.traced;
}

int trace_why(struct cmd_context *ctx)
{
	int status = 0;

	if (ctx->argc < 3)
		return cmd_error(ctx, "why: which function?");
	for (int i = 2; i < ctx->argc && !console_interrupted(); i++)
		status |= show_why(ctx, ctx->argv[i]);
	return status;
}
