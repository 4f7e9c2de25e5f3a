/* SPDX-License-Identifier: MIT */
/*
 * The files for options: trace_options, which lists their names, and options/, which has a file for
 * each. In trace_options the current tracer's own options follow the common ones; options/ has the
 * files of all tracers' options.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "trace/tracefs/tracefs.h"

#define NO_ARGS "With hook=mcount arguments of functions are not known"

static int trace_options_show(struct seq_file *m, const struct tracefs_node *node)
{
	const struct trace_array *tr = node->tr;
	const struct tracer_opt *opt = tr->current_trace->opts;

	for (unsigned int i = 0; i < NR_TRACE_OPTIONS; i++)
		seq_printf(m, "%s%s\n", tr->trace_flags & (1u << i) ? "" : "no",
			   trace_option_names[i]);
	for (; opt && opt->name; opt++)
		seq_printf(m, "%s%s\n", tr->func_flags & opt->bit ? "" : "no", opt->name);
	return 0;
}

static int trace_options_store(const struct tracefs_node *node, const char *text, const char **why)
{
	int err = trace_set_option(node->tr, text);

	if (err == -EINVAL)
		*why = "Unknown option";
	else if (err == -EOPNOTSUPP)
		*why = NO_ARGS;
	return err;
}

const struct tracefs_file options_file = {
	"trace_options", TRACEFS_RW, .show = trace_options_show, .store = trace_options_store,
};

/* --- options/NAME --- */

static int option_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%d\n", !!(node->tr->trace_flags & (1u << node->index)));
	return 0;
}

static int option_store(const struct tracefs_node *node, const char *text, const char **why)
{
	bool set;
	int err = tracefs_bool(text, &set);

	if (err)
		*why = "Neither 0 nor 1";
	return err ? err : trace_set_flag(node->tr, 1u << node->index, set);
}

static struct tracefs_file option_files[NR_TRACE_OPTIONS];

/* --- options/NAME for the tracers' own options --- */

#define TRACER_OPTS_MAX 24

static struct tracefs_file tracer_option_files[TRACER_OPTS_MAX];
static struct {
	const struct tracer *tracer;
	const struct tracer_opt *opt;
} tracer_options[TRACER_OPTS_MAX];

static int tracer_option_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%d\n", !!(node->tr->func_flags & tracer_options[node->index].opt->bit));
	return 0;
}

static int tracer_option_store(const struct tracefs_node *node, const char *text, const char **why)
{
	bool set;
	int err = tracefs_bool(text, &set);

	if (err) {
		*why = "Neither 0 nor 1";
		return err;
	}
	err = trace_set_tracer_flag(node->tr, tracer_options[node->index].tracer,
				    tracer_options[node->index].opt->bit, set);
	if (err == -EOPNOTSUPP)
		*why = NO_ARGS;
	return err;
}

static void make_tracer_file(unsigned int n, const struct tracer *tracer,
			     const struct tracer_opt *opt)
{
	tracer_options[n].tracer = tracer;
	tracer_options[n].opt = opt;
	tracer_option_files[n] = (struct tracefs_file){
		opt->name, TRACEFS_RW, .show = tracer_option_show, .store = tracer_option_store,
	};
}

static int add_tracer_options(struct inode *dir, struct tracefs_node *node)
{
	unsigned int n = 0;
	int err = 0;

	/* For all tracers, so that an option can be set before its tracer is the current one. */
	for (const struct tracer *t = trace_tracers(); t; t = t->next) {
		for (const struct tracer_opt *opt = t->opts; opt && opt->name; opt++) {
			if (n == TRACER_OPTS_MAX)
				return -ENOSPC;
			node->index = n++;
			if (!tracer_options[node->index].opt)
				make_tracer_file(node->index, t, opt);
			if (!err && trace_ok_for_array(t, node->tr))
				err = tracefs_add(dir, &tracer_option_files[node->index], node);
		}
	}
	return err;
}

int tracefs_add_options(struct inode *dir, struct trace_array *tr)
{
	struct tracefs_node node = { .tr = tr, .cpu = RING_BUFFER_ALL_CPUS };
	struct inode *options;
	int err = tracefs_mkdir(dir, "options", &options);

	for (unsigned int i = 0; !err && i < NR_TRACE_OPTIONS; i++) {
		if (tr != &global_trace && TRACE_TOP_LEVEL_FLAGS & 1u << i)
			continue;
		/* The table is made at run time, so that the names are only in the bits' list. */
		if (!option_files[i].name)
			option_files[i] = (struct tracefs_file){
				trace_option_names[i], TRACEFS_RW, .show = option_show,
				.store = option_store,
			};
		node.index = i;
		err = tracefs_add(options, &option_files[i], &node);
	}
	return err ? err : add_tracer_options(options, &node);
}
