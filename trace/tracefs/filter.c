/* SPDX-License-Identifier: MIT */
/*
 * set_ftrace_filter and set_ftrace_notrace; set_graph_function and set_graph_notrace, which are the
 * filters of an ops that is never called; and stack_trace_filter. The words that are written are
 * patterns. They are applied to a copy of the filter, which replaces the filter when the file is
 * closed. If a word is refused, that write fails, and closing the file changes nothing. A word of
 * set_ftrace_filter may also be a command at functions (trace/events/func_command.h).
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "trace/core/filter.h"
#include "trace/core/pattern.h"
#include "trace/core/site_info.h"
#include "trace/events/func_command.h"
#include "trace/tracefs/tracefs.h"
#include "trace/tracefs/words.h"
#include "trace/tracers/trace_functions_graph.h"
#include "trace/tracers/trace_stack.h"

struct filter_file {
	const struct tracefs_node *node;
	bool exclude;			/* it is one of the notrace files */
	bool graph;			/* it is one of the graph files */
	struct ftrace_ops *ops;		/* has the filter */
	struct ftrace_hash *hash;	/* the copy that is edited or shown */
	bool failed;			/* a write was refused, so closing installs nothing */
	struct word_reader words;
};

/* --- Reading --- */

/*
 * The file is read as a list of items: item 0 is the line that tells of an empty filter, item n + 1
 * is site n, and the last two items are all patterns that wait for modules, and all commands. Most
 * items have no text.
 */
static void *filter_item(loff_t pos)
{
	return pos <= (loff_t)ftrace_nr_sites() + 2 ? (void *)(unsigned long)(pos + 1) : NULL;
}

static void *filter_start(struct seq_file *m, loff_t *pos)
{
	return filter_item(*pos);
}

static void *filter_next(struct seq_file *m, void *v, loff_t *pos)
{
	return filter_item(++*pos);
}

static void filter_stop(struct seq_file *m, void *v)
{
}

/* Show the patterns that wait for modules that are not loaded. */
static int show_patterns(struct seq_file *m, const struct ftrace_hash *hash)
{
	const char *text;
	unsigned int n;

	for (n = 0; (text = ftrace_hash_pattern(hash, n)); n++)
		seq_printf(m, "%s\n", text);
	return n ? 0 : SEQ_SKIP;
}

static int show_commands(struct seq_file *m, const struct filter_file *filter)
{
	if (filter->node->file != &filter_files[0] || !filter->node->tr->func_probes)
		return SEQ_SKIP;
	trace_show_func_commands(m, filter->node->tr, tracefs_show_function);
	return 0;
}

static int filter_show(struct seq_file *m, void *v)
{
	const struct filter_file *filter = m->private;
	unsigned int item = (unsigned int)((unsigned long)v - 1);
	struct ftrace_site_info info;

	if (item > ftrace_nr_sites() + 1)
		return show_commands(m, filter);
	if (item > ftrace_nr_sites())
		return show_patterns(m, filter->hash);
	if (!item) {
		if (!ftrace_hash_is_empty(filter->hash))
			return SEQ_SKIP;
		seq_puts(m, filter->exclude ? "#### no functions disabled ####\n" :
			 "#### all functions enabled ####\n");
		return 0;
	}
	/* The count is tested first, so that with an empty filter no site is looked up. */
	if (!ftrace_hash_count(filter->hash) || !ftrace_site_info(item - 1, &info) ||
	    !ftrace_hash_contains(filter->hash, info.ip))
		return SEQ_SKIP;
	tracefs_show_function(m, info.ip);
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations filter_seq_operations = {
	.start = filter_start,
	.next = filter_next,
	.stop = filter_stop,
	.show = filter_show,
};

/* --- Writing --- */

static int apply_pattern(struct word_reader *words, const char **why)
{
	struct filter_file *filter = container_of(words, struct filter_file, words);
	int err = ftrace_hash_match(filter->hash, words->word, words->len);

	/*
	 * No function has a colon in its name, so that a command is no pattern; and lists of
	 * thousands of names are not searched for it. It is in force at once, whatever becomes of
	 * the patterns beside it.
	 */
	if (err == -EINVAL && filter->node->file == &filter_files[0] &&
	    trace_is_func_command(words->word))
		return trace_set_func_command(filter->node->tr, words->word, why);
	if (err == -EINVAL)
		*why = "No function matches";
	return err;
}

static struct filter_file *filter_of(const struct file *file)
{
	return ((struct seq_file *)file->private_data)->private;
}

static ssize_t filter_write(struct file *file, const char *buf, size_t size, loff_t *pos)
{
	struct filter_file *filter = filter_of(file);
	int err = filter->failed ? -EINVAL : tracefs_add_words(&filter->words, buf, size);

	if (err) {
		filter->failed = true;
		return err;
	}
	*pos += (loff_t)size;
	return (ssize_t)size;
}

/* --- Opening and closing --- */

static void filter_free(struct filter_file *filter)
{
	if (filter)
		ftrace_hash_free(filter->hash);
	kfree(filter);
}

static struct filter_file *filter_alloc(const struct tracefs_node *node, bool empty)
{
	struct filter_file *filter = kzalloc(sizeof(*filter), GFP_KERNEL);

	if (!filter)
		return NULL;
	filter->node = node;
	filter->words = (struct word_reader){ .node = node, .apply = apply_pattern };
	filter->exclude = node->file == &filter_files[1] || node->file == &filter_files[3];
	filter->graph = node->file == &filter_files[2] || node->file == &filter_files[3];
	filter->ops = filter->graph ? &trace_graph_filters :
		      node->file == &filter_files[4] ? &stack_trace_ops : node->tr->ops;
	/* Copied at once, so that two writers do not see each other's unfinished changes. */
	filter->hash = empty ? ftrace_hash_copy(NULL) :
		ftrace_filter_copy(filter->ops, filter->exclude);
	if (filter->hash)
		return filter;
	kfree(filter);
	return NULL;
}

static int filter_open(struct inode *inode, struct file *file)
{
	bool empty = tracefs_writes(file) && (file->flags & O_TRUNC);
	struct filter_file *filter = filter_alloc(inode_data(inode), empty);
	int err = filter ? seq_open(file, &filter_seq_operations) : -ENOMEM;

	if (err) {
		filter_free(filter);
		return err;
	}
	((struct seq_file *)file->private_data)->private = filter;
	return 0;
}

/* On close: apply the last word, if no blank followed it, and install the filter. 0 or -errno. */
static int filter_finish(struct filter_file *filter)
{
	struct ftrace_hash *hash = filter->hash;
	int err = tracefs_end_words(&filter->words);

	if (err)
		return err;
	filter->hash = NULL;
	if (filter->graph)
		return trace_graph_set_filter(filter->exclude, hash);
	return ftrace_hash_install(filter->ops, filter->exclude, hash);
}

static int filter_release(struct inode *inode, struct file *file)
{
	struct filter_file *filter = filter_of(file);
	int err = 0;

	if (tracefs_writes(file) && !filter->failed)
		err = filter_finish(filter);
	filter_free(filter);
	seq_release(inode, file);
	return err;
}

static const struct file_operations filter_operations = {
	.open = filter_open,
	.read = seq_read,
	.write = filter_write,
	.release = filter_release,
};

static int depth_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%u\n", trace_graph_max_depth);
	return 0;
}

static int depth_store(const struct tracefs_node *node, const char *text, const char **why)
{
	unsigned long depth;
	int err = tracefs_number(text, &depth);

	if (err)
		return err;
	WRITE_ONCE(trace_graph_max_depth, depth > -1u ? -1u : (unsigned int)depth);
	trace_graph_sync();
	return 0;
}

static int thresh_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%lu\n", READ_ONCE(tracing_thresh) / (unsigned long)NSEC_PER_USEC);
	return 0;
}

static int thresh_store(const struct tracefs_node *node, const char *text, const char **why)
{
	unsigned long us;
	int err = tracefs_number(text, &us);

	if (!err && us > -1ul / (unsigned long)NSEC_PER_USEC)
		err = -ERANGE;
	if (err)
		return err;
	WRITE_ONCE(tracing_thresh, us * (unsigned long)NSEC_PER_USEC);
	trace_graph_sync();
	return 0;
}

const struct tracefs_file filter_files[] = {
	{ "set_ftrace_filter", TRACEFS_RW, .ops = &filter_operations },
	{ "set_ftrace_notrace", TRACEFS_RW, .ops = &filter_operations },
	{ "set_graph_function", TRACEFS_RW, .ops = &filter_operations, .top_level = true },
	{ "set_graph_notrace", TRACEFS_RW, .ops = &filter_operations, .top_level = true },
	{ "stack_trace_filter", TRACEFS_RW, .ops = &filter_operations, .top_level = true },
	{ "max_graph_depth", TRACEFS_RW, .show = depth_show, .store = depth_store,
	  .top_level = true },
	{ "tracing_thresh", TRACEFS_RW, .show = thresh_show, .store = thresh_store,
	  .top_level = true },
	{ .name = NULL },
};
