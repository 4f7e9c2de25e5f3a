/* SPDX-License-Identifier: MIT */
/* What the shell command `trace` shows: help, stat, list, and the profiler's table. */
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/glob.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/wait.h"
#include "kernel/shell/console.h"
#include "kernel/shell/shell.h"
#include "trace/core/filter.h"
#include "trace/core/hash.h"
#include "trace/core/site_info.h"
#include "trace/events/trace_events.h"
#include "trace/output/trace.h"
#include "trace/tracefs/command.h"
#include "trace/tracefs/tracefs.h"

static const char help[] =
	"usage: " TRACE_USAGE "\n"
	"  record CMD...\t- trace while CMD runs, show what was recorded, leave all as it was\n"
	"  profile CMD...\t- how often functions are called while CMD runs, and for how long\n"
	"  start, stop\t- the same by hand; stop keeps what was recorded\n"
	"  show\t\t- print it, without taking anything away\n"
	"  stat\t\t- tracer, filters, and how much each CPU recorded, overwrote, dropped\n"
	"  reset\t\t- no tracer, no filters, default options\n"
	"  list\t\t- tracers, clocks, options; -f: functions, all or those that match GLOB;\n"
	"\t\t  -e: events in the same way\n"
	"  why FUNCTION\t- can it be traced, and if not, why; what is attached to it\n"
	"Options of record and start, and -l and -n of profile:\n"
	"  -p TRACER\t- if nothing is said: none with -e, otherwise function\n"
	"  -e EVENTS\t- SYSTEM, SYSTEM:EVENT or EVENT, also patterns; may be given again\n"
	"  -l FUNCTIONS\t- only these: a name or a pattern with * ? []; may be given again\n"
	"  -n NOT-THESE\t- not these\n"
	"  -g FUNCTIONS\t- with -p function_graph: only these and what they call\n"
	"  -b KB\t\t- the buffer of each CPU\n"
	"In quotes a pattern is not taken for names of files.\n";

int trace_help(struct cmd_context *ctx)
{
	cmd_write(ctx, help, sizeof(help) - 1);
	return 0;
}

/* --- stat --- */

static void show_hash(struct cmd_context *ctx, const char *label, bool exclude, const char *none)
{
	struct ftrace_hash *hash = ftrace_filter_copy(global_trace.ops, exclude);

	/*
	 * A filter that waits for a module, or whose module is gone, is not empty, even with 0
	 * functions.
	 */
	if (hash && !ftrace_hash_is_empty(hash))
		cmd_printf(ctx, "%s: %u functions\n", label, ftrace_hash_count(hash));
	else
		cmd_printf(ctx, "%s: %s\n", label, none);
	ftrace_hash_free(hash);
}

int trace_stat(struct cmd_context *ctx)
{
	struct trace_buffer *buffer = global_trace.buffer;
	unsigned int cpu;

	cmd_printf(ctx, "tracer: %s\n", global_trace.current_trace->name);
	cmd_printf(ctx, "recording: %s\n", tracing_is_on() ? "on" : "off");
	cmd_printf(ctx, "clock: %s\n", trace_clocks[global_trace.clock_id].name);
	show_hash(ctx, "filter", false, "all functions");
	show_hash(ctx, "notrace", true, "none");
	/* The two counters of events that found no room are shown as one number. */
	for_each_online_cpu(cpu) {
		int c = (int)cpu;

		cmd_printf(ctx, "cpu%u: %lu KB, %lu events, ", cpu,
			   ring_buffer_size(buffer, c) >> 10, ring_buffer_entries_cpu(buffer, c));
		cmd_printf(ctx, "%lu overwritten, %lu dropped, %lu read\n",
			   ring_buffer_overrun_cpu(buffer, c),
			   ring_buffer_dropped_events_cpu(buffer, c) +
			   ring_buffer_commit_overrun_cpu(buffer, c),
			   ring_buffer_read_events_cpu(buffer, c));
	}
	return 0;
}

/* --- list --- */

static int list_functions(struct cmd_context *ctx, const char *glob)
{
	/* Names are copied, for a module may go meanwhile; 512 bytes are too much for a stack. */
	char *name = kmalloc(KSYM_NAME_LEN, GFP_KERNEL);
	struct ftrace_site_info info;
	bool found = false;

	if (!name)
		return cmd_error(ctx, "out of memory");
	for (unsigned int i = 0; !console_interrupted() && ftrace_site_info(i, &info); i++) {
		if (info.disabled || lookup_symbol_name(info.ip, name) ||
		    !glob_match(glob, strlen(glob), name))
			continue;
		cmd_printf(ctx, "%s\n", name);
		found = true;
	}
	kfree(name);
	return found ? 0 : cmd_error(ctx, "\"%.128s\": no function matches", glob);
}

/* As `trace-cmd list -e` does: SYSTEM:EVENT, and the pattern may be for the whole or the event. */
static int list_events(struct cmd_context *ctx, const char *glob)
{
	struct trace_event_call *call = NULL;
	bool found = false;
	char name[128];

	mutex_lock(&event_mutex);
	while ((call = trace_event_next(call)) != NULL) {
		scnprintf(name, sizeof(name), "%s:%s", call->class->system, call->name);
		/* `sched:*` is for the whole, and `sched_sw*` for the event. */
		if (!glob_match(glob, strlen(glob), name) &&
		    !glob_match(glob, strlen(glob), call->name))
			continue;
		cmd_printf(ctx, "%s\n", name);
		found = true;
	}
	mutex_unlock(&event_mutex);
	return found ? 0 : cmd_error(ctx, "\"%.128s\": no event matches", glob);
}

int trace_list(struct cmd_context *ctx)
{
	struct cmd_options opts = { .index = 1 };
	const char *glob = "*";
	int option, what = 0;

	while ((option = cmd_option(ctx, &opts, "fe")) > 0)
		what = option;
	if (option < 0)
		return 1;
	/* Only -f and -e take a word, their pattern. */
	if (ctx->argc > opts.index + !!what)
		return cmd_usage(ctx);
	if (opts.index < ctx->argc)
		glob = ctx->argv[opts.index];
	if (what)
		return what == 'f' ? list_functions(ctx, glob) : list_events(ctx, glob);
	cmd_printf(ctx, "tracers:");
	for (struct tracer *t = trace_tracers(); t; t = t->next)
		cmd_printf(ctx, " %s", t->name);
	cmd_printf(ctx, "\nclocks:");
	for (unsigned int i = 0; i < nr_trace_clocks; i++)
		cmd_printf(ctx, " %s", trace_clocks[i].name);
	cmd_printf(ctx, "\noptions:");
	for (unsigned int i = 0; i < NR_TRACE_OPTIONS; i++)
		cmd_printf(ctx, " %s", trace_option_names[i]);
	for (struct tracer *t = trace_tracers(); t; t = t->next)
		for (const struct tracer_opt *opt = t->opts; opt && opt->name; opt++)
			cmd_printf(ctx, " %s", opt->name);
	cmd_printf(ctx, "\nfunctions: %u, see `trace list -f`\n", ftrace_nr_sites());
	return 0;
}

/* --- The profiler's table --- */

static void put_command(void *arg, const char *text, size_t len)
{
	cmd_write(arg, text, len);
}

int trace_profile_show(struct cmd_context *ctx)
{
	int err = tracefs_put_profile(RING_BUFFER_ALL_CPUS, put_command, ctx);

	return err ? cmd_error(ctx, "%s", errno_string(err)) : 0;
}
