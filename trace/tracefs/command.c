/* SPDX-License-Identifier: MIT */
/*
 * The shell command `trace`, similar to trace-cmd: one line replaces several writes to tracefs. It
 * uses the same functions as the files there.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/wait.h"
#include "kernel/shell/console.h"
#include "kernel/shell/shell.h"
#include "trace/core/filter.h"
#include "trace/core/pattern.h"
#include "trace/events/func_command.h"
#include "trace/events/trace_events.h"
#include "trace/output/trace.h"
#include "trace/output/trace_reader.h"
#include "trace/tracefs/command.h"
#include "trace/tracefs/tracefs.h"
#include "trace/tracers/trace_functions_graph.h"
#include "trace/tracers/trace_profile.h"

#define REQUEST_EVENTS 16

/* The options of record and start. A NULL hash leaves the filter unchanged. */
struct trace_request {
	const char *tracer;
	struct ftrace_hash *filter, *exclude, *graph;
	const char *events[REQUEST_EVENTS];
	unsigned int nr_events;
	unsigned long buffer_kb;
	int first;		/* argument of the command to run */
};

static void request_free(struct trace_request *req)
{
	ftrace_hash_free(req->filter);
	ftrace_hash_free(req->exclude);
	ftrace_hash_free(req->graph);
	req->filter = req->exclude = req->graph = NULL;
}

static int add_pattern(struct cmd_context *ctx, struct ftrace_hash **hash, const char *pattern)
{
	int err;

	if (!*hash)
		*hash = ftrace_hash_copy(NULL);
	err = *hash ? ftrace_hash_match(*hash, pattern, strlen(pattern)) : -ENOMEM;
	if (err == -EINVAL)
		return cmd_error(ctx, "\"%.128s\": no function matches", pattern);
	return err ? cmd_error(ctx, "%s", errno_string(err)) : 0;
}

static int add_events(struct cmd_context *ctx, struct trace_request *req, const char *name)
{
	if (!trace_events_named(name))
		return cmd_error(ctx, "\"%.128s\": no event matches", name);
	if (req->nr_events == REQUEST_EVENTS)
		return cmd_error(ctx, "-e: %u times at most", REQUEST_EVENTS);
	req->events[req->nr_events++] = name;
	return 0;
}

static bool tracer_exists(const char *name)
{
	struct tracer *t = trace_tracers();

	while (t && strcmp(t->name, name))
		t = t->next;
	return t;
}

/* Check all options before anything is changed: 0, or an exit status (error printed). */
static int parse_request(struct cmd_context *ctx, struct trace_request *req)
{
	struct cmd_options opts = { .index = 1 };
	long long number;
	int option, status = 0;

	/* Stop at the first mistake, because later ones are often only its consequence. */
	while (!status && (option = cmd_option(ctx, &opts, "p:e:l:n:g:b:")) != 0) {
		switch (option) {
		case 'p':
			req->tracer = opts.value;
			if (!tracer_exists(req->tracer))
				status = cmd_error(ctx, "%.64s: no such tracer", req->tracer);
			break;
		case 'e':
			status = add_events(ctx, req, opts.value);
			break;
		case 'l':
			status = add_pattern(ctx, &req->filter, opts.value);
			break;
		case 'n':
			status = add_pattern(ctx, &req->exclude, opts.value);
			break;
		case 'g':
			status = add_pattern(ctx, &req->graph, opts.value);
			break;
		case 'b':
			number = cmd_number(ctx, opts.value, (unsigned long)-1 >> 10);
			status = number < 0;
			if (!number)
				status = cmd_error(ctx, "0: impossible buffer size");
			req->buffer_kb = (unsigned long)number;
			break;
		default:
			status = 1;
		}
	}
	req->first = opts.index;
	return status;
}

static int install(struct ftrace_hash **hash, bool exclude)
{
	struct ftrace_hash *new = *hash;

	*hash = NULL;
	return new ? ftrace_hash_install(global_trace.ops, exclude, new) : 0;
}

static int install_graph(struct ftrace_hash **hash)
{
	struct ftrace_hash *new = *hash;

	*hash = NULL;
	return new ? trace_graph_set_filter(false, new) : 0;
}

/* The events that are named, and no others. If none is, those that are on stay on. */
static int install_events(const struct trace_request *req)
{
	int err = req->nr_events ? trace_events_enable(&global_trace, NULL, NULL, false, false) : 0;

	for (unsigned int i = 0; !err && i < req->nr_events; i++)
		err = trace_events_set(&global_trace, req->events[i]);
	return err;
}

/* Apply the request: filters first, so that the tracer starts with them. */
static int apply_request(struct cmd_context *ctx, struct trace_request *req)
{
	int err = 0;

	if (req->buffer_kb)
		err = tracing_resize(&global_trace, req->buffer_kb << 10, RING_BUFFER_ALL_CPUS);
	if (!err)
		err = install(&req->filter, false);
	if (!err)
		err = install(&req->exclude, true);
	if (!err)
		err = install_graph(&req->graph);
	/* As with trace-cmd: who asks for events does not want all functions as well. */
	if (!err)
		err = tracing_set_tracer(&global_trace, req->tracer ? req->tracer :
					 req->nr_events ? "nop" : "function");
	if (!err)
		err = install_events(req);
	return err ? cmd_error(ctx, "%s", errno_string(err)) : 0;
}

static int show_trace(struct cmd_context *ctx)
{
	struct trace_reader *reader = trace_reader_open(&global_trace, RING_BUFFER_ALL_CPUS, false);
	char *text = kmalloc(PAGE_SIZE, GFP_KERNEL);
	size_t len;

	/* Not a consuming reader, so that the events can be shown again or read from `trace`. */
	if (IS_ERR(reader) || !text) {
		kfree(text);
		if (!IS_ERR(reader))
			trace_reader_close(reader);
		return cmd_error(ctx, "%s", errno_string(-ENOMEM));
	}
	while (!console_interrupted() && (len = trace_reader_read(reader, text, PAGE_SIZE)) != 0)
		cmd_write(ctx, text, len);
	kfree(text);
	trace_reader_close(reader);
	return 0;
}

/* --- record: trace one command, show what it did, and restore everything --- */

/* The state that record restores at its end, and start after an error. */
struct saved_state {
	struct ftrace_hash *filter, *exclude, *graph;
	struct trace_events_saved events;
	const char *tracer;
	bool on, expanded;
	unsigned long size[NR_CPUS];	/* size of each CPU's buffer */
};

static void free_state(struct saved_state *saved)
{
	ftrace_hash_free(saved->filter);
	ftrace_hash_free(saved->exclude);
	ftrace_hash_free(saved->graph);
}

static int save_state(struct cmd_context *ctx, struct saved_state *saved)
{
	trace_events_save(&saved->events);
	saved->tracer = global_trace.current_trace->name;
	saved->on = tracing_is_on();
	saved->expanded = global_trace.buffer_expanded;
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		saved->size[cpu] = ring_buffer_size(global_trace.buffer, (int)cpu);
	saved->filter = ftrace_filter_copy(global_trace.ops, false);
	saved->exclude = ftrace_filter_copy(global_trace.ops, true);
	saved->graph = ftrace_filter_copy(&trace_graph_filters, false);
	if (saved->filter && saved->exclude && saved->graph)
		return 0;
	free_state(saved);
	return cmd_error(ctx, "%s", errno_string(-ENOMEM));
}

/*
 * Restore the sizes that -b changed; the newest events are kept. A buffer that was @used and was
 * not expanded before gets its full size, as it would have without -b.
 */
static void restore_sizes(const struct saved_state *saved, bool used)
{
	bool expand = used && !saved->expanded;
	unsigned int cpu;
	int err = 0;

	for_each_online_cpu(cpu) {
		unsigned long size = expand ? global_trace.expanded_size : saved->size[cpu];

		/* If the size does not change, this cannot fail. */
		err = tracing_resize(&global_trace, size, (int)cpu) ? : err;
	}
	global_trace.buffer_expanded = used || saved->expanded;
	if (err)
		pr_warn("trace: the buffer's size could not be put back: %s\n", errno_string(err));
}

static void restore_filters(struct saved_state *saved)
{
	install(&saved->filter, false);
	install(&saved->exclude, true);
	install_graph(&saved->graph);
}

static void restore_events(const struct saved_state *saved)
{
	int err = trace_events_restore(&saved->events);

	if (err)
		pr_warn("trace: not all events could be put back: %s\n", errno_string(err));
}

/* The recorded events stay in the buffer, unless a tracer is restored, which clears it. */
static void restore_state(struct saved_state *saved)
{
	int err = strcmp(saved->tracer, "nop") ?
		tracing_set_tracer(&global_trace, saved->tracer) :
		tracing_release_tracer(&global_trace);

	if (err)
		pr_warn("trace: the tracer could not be put back: %s\n", errno_string(err));
	restore_events(saved);
	restore_filters(saved);
	if (saved->on)
		tracing_on();
}

static int record_and_show(struct cmd_context *ctx, struct trace_request *req)
{
	int status, show_status;

	/* Recording is on only while the command runs, so that the trace shows nothing else. */
	tracing_off();
	status = apply_request(ctx, req);
	if (status)
		return status;
	tracing_reset(&global_trace);
	tracing_on();
	status = shell_exec(ctx, ctx->argc - req->first, ctx->argv + req->first);
	tracing_off();
	show_status = show_trace(ctx);
	return status ? status : show_status;
}

/* The request is correct, and names a command that exists: 0, or an exit status. */
static int check_command(struct cmd_context *ctx, const struct trace_request *req)
{
	if (req->first >= ctx->argc)
		return cmd_error(ctx, "%s: which command?", ctx->argv[1]);
	if (shell_find_command(ctx->argv[req->first]))
		return 0;
	cmd_error(ctx, "%.128s: command not found", ctx->argv[req->first]);
	return SHELL_STATUS_NOT_FOUND;
}

static int profile_and_show(struct cmd_context *ctx, struct trace_request *req)
{
	enum profile_mode before = trace_profile_mode();
	int status, show_status, err = install(&req->filter, false);

	if (!err)
		err = install(&req->exclude, true);
	/* It may be running: then it begins anew, with empty tables. */
	if (!err)
		err = trace_profile_set(PROFILE_OFF);
	if (!err)
		err = trace_profile_set(PROFILE_GRAPH);
	if (err)
		return cmd_error(ctx, "%s", errno_string(err));
	status = shell_exec(ctx, ctx->argc - req->first, ctx->argv + req->first);
	err = trace_profile_set(PROFILE_OFF);
	show_status = trace_profile_show(ctx);
	if (!err && before != PROFILE_OFF)
		err = trace_profile_set(before);
	if (err)
		pr_warn("trace: the profiler could not be put back: %s\n", errno_string(err));
	return status ? status : show_status;
}

static int record_and_restore(struct cmd_context *ctx, struct trace_request *req,
			      struct saved_state *saved)
{
	int status = record_and_show(ctx, req);

	restore_state(saved);
	if (req->buffer_kb)
		restore_sizes(saved, true);
	return status;
}

/* The tracer is left alone, and so is what it has recorded. */
static int profile_and_restore(struct cmd_context *ctx, struct trace_request *req,
			       struct saved_state *saved)
{
	int status = profile_and_show(ctx, req);

	restore_filters(saved);
	return status;
}

/*
 * The request is correct so far: its command runs, under @run, if it exists. Only one runs at a
 * time: two (in a pipeline, or one as the command of the other) would each restore what the other
 * one has set.
 */
static int run_alone(struct cmd_context *ctx, struct trace_request *req, const char *busy,
		     int (*run)(struct cmd_context *ctx, struct trace_request *req,
				struct saved_state *saved))
{
	static DEFINE_MUTEX(recording);
	struct saved_state saved;
	int status = check_command(ctx, req);

	if (status)
		return status;
	if (!mutex_trylock(&recording))
		return cmd_error(ctx, "%s: %s", ctx->argv[1], busy);
	status = save_state(ctx, &saved);
	if (!status)
		status = run(ctx, req, &saved);
	mutex_unlock(&recording);
	return status;
}

static int trace_profile(struct cmd_context *ctx)
{
	struct trace_request req = { .tracer = NULL };
	int status = parse_request(ctx, &req);

	if (!status && (req.tracer || req.graph || req.buffer_kb || req.nr_events))
		status = cmd_error(ctx, "profile: takes only -l and -n");
	if (!status)
		status = run_alone(ctx, &req, "a record or profile is running already",
				   profile_and_restore);
	request_free(&req);
	return status;
}

static int trace_record(struct cmd_context *ctx)
{
	struct trace_request req = { .tracer = NULL };
	int status = parse_request(ctx, &req);

	if (!status)
		status = run_alone(ctx, &req, "one is running already", record_and_restore);
	request_free(&req);
	return status;
}

static int trace_start(struct cmd_context *ctx)
{
	struct trace_request req = { .tracer = NULL };
	struct saved_state saved;
	int status = parse_request(ctx, &req);

	if (!status && req.first < ctx->argc)
		status = cmd_error(ctx, "start: takes no command; see `trace record`");
	if (!status)
		status = save_state(ctx, &saved);
	if (!status) {
		status = apply_request(ctx, &req);
		/* If it failed half-way, restore the events, the filters and the sizes. */
		if (status) {
			restore_events(&saved);
			restore_filters(&saved);
		} else {
			tracing_on();
		}
		if (status && req.buffer_kb)
			restore_sizes(&saved, false);
		free_state(&saved);
	}
	request_free(&req);
	return status;
}

static int trace_stop(struct cmd_context *ctx)
{
	tracing_off();
	return 0;
}

static void reset_graph_filter(bool exclude)
{
	struct ftrace_hash *empty = ftrace_hash_copy(NULL);

	if (empty)
		trace_graph_set_filter(exclude, empty);
}

static int trace_reset(struct cmd_context *ctx)
{
	struct trace_array *tr = &global_trace;
	int err = tracing_set_tracer(tr, "nop");

	/* The tracer is stopped first, or each change of a filter would patch sites. */
	if (err)
		return cmd_error(ctx, "%s", errno_string(err));
	err = trace_events_enable(&global_trace, NULL, NULL, false, false);
	if (err)
		return cmd_error(ctx, "%s", errno_string(err));
	err = trace_clear_func_commands(tr);
	if (err)
		return cmd_error(ctx, "%s", errno_string(err));
	ftrace_set_filter(tr->ops, NULL, 0, 1);
	ftrace_set_notrace(tr->ops, NULL, 0, 1);
	reset_graph_filter(false);
	reset_graph_filter(true);
	tracefs_clear_pids(tr);
	trace_graph_max_depth = 0;
	WRITE_ONCE(tracing_thresh, 0);
	trace_graph_sync();
	for (unsigned int i = 0; i < NR_TRACE_OPTIONS; i++)
		trace_set_flag(tr, 1u << i, TRACE_DEFAULT_FLAGS & (1u << i));
	for (struct tracer *t = trace_tracers(); t; t = t->next)
		for (const struct tracer_opt *opt = t->opts; opt && opt->name; opt++)
			trace_set_tracer_flag(tr, t, opt->bit,
					      TRACE_FUNC_DEFAULT_FLAGS & opt->bit);
	tracing_set_clock(tr, trace_clocks[0].name);
	tracing_clear_errors(tr);
	tracing_on();
	return 0;
}

static int run_trace(struct cmd_context *ctx)
{
	static const struct {
		const char *name;
		int (*run)(struct cmd_context *ctx);
		bool takes_more;
	} actions[] = {
		{ "record", trace_record, true }, { "start", trace_start, true },
		{ "stop", trace_stop, false }, { "show", show_trace, false },
		{ "reset", trace_reset, false }, { "stat", trace_stat, false },
		{ "list", trace_list, true }, { "profile", trace_profile, true },
		{ "why", trace_why, true },
	};

	/* --help may also follow an action. */
	for (int i = 1; i < ctx->argc && i <= 2; i++) {
		if (!strcmp(ctx->argv[i], "--help") || !strcmp(ctx->argv[i], "-h"))
			return trace_help(ctx);
	}
	for (unsigned int i = 0; ctx->argc > 1 && i < ARRAY_SIZE(actions); i++) {
		if (strcmp(actions[i].name, ctx->argv[1]))
			continue;
		if (ctx->argc > 2 && !actions[i].takes_more)
			return cmd_usage(ctx);
		return actions[i].run(ctx);
	}
	if (ctx->argc > 1)
		cmd_error(ctx, "%.64s: unknown action", ctx->argv[1]);
	return cmd_usage(ctx);
}
SHELL_COMMAND(trace, TRACE_USAGE, "Trace a command and show it, or control tracing.", run_trace);
