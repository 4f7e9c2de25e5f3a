/* SPDX-License-Identifier: MIT */
/*
 * Commands at functions (func_command.h). What was written at once is one ops, whose filter says
 * which functions still have the command. Beside it are the functions that it was written for, with
 * a count for each; they never change, so the callback reads them without a lock. Untraced, because
 * the callback is here.
 */
#include "trace/events/func_command.h"
#include "kernel/fs/seq_file.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/sort.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "trace/core/filter.h"
#include "trace/core/pattern.h"
#include "trace/core/recursion.h"
#include "trace/events/trace_events.h"
#include "trace/ftrace.h"

struct func_count {
	unsigned long ip, left;
};

struct func_probe {
	struct func_probe *next;
	struct trace_array *tr;
	struct event_trigger trigger;	/* the command and its target; the counts are below */
	bool counted;
	struct ftrace_ops ops;
	unsigned int nr;
	struct func_count counts[];	/* by ip; of a function that was taken out, too */
};

/* --- At a call --- */

static int compare_counts(const void *a, const void *b)
{
	unsigned long left = ((const struct func_count *)a)->ip;
	unsigned long right = ((const struct func_count *)b)->ip;

	return left < right ? -1 : left > right;
}

static bool may_act(struct func_probe *probe, unsigned long ip)
{
	const struct func_count key = { .ip = ip };
	struct func_count *count;

	if (!probe->counted)
		return true;
	count = __inline_bsearch(&key, probe->counts, probe->nr, sizeof(key), compare_counts);
	return count && trigger_take(&count->left);
}

static void func_probe_call(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			    struct ftrace_regs *fregs)
{
	struct func_probe *probe = container_of(op, struct func_probe, ops);
	const struct trigger_command *command = probe->trigger.command;
	int bit = ftrace_test_recursion_trylock(ip, parent_ip);

	if (bit < 0)
		return;
	/* Only what would change something is counted. */
	if ((!command->useful || command->useful(&probe->trigger, probe->tr)) &&
	    may_act(probe, ip))
		command->act(&probe->trigger, probe->tr, NULL, ip);
	ftrace_test_recursion_unlock(bit);
}

/* --- What people write --- */

struct func_request {
	const char *glob;		/* with its `!` */
	size_t len;
	bool removes, counted;
	struct event_trigger trigger;
};

bool trace_is_func_command(const char *word)
{
	const char *colon = strchr(word, ':');

	return colon && strncmp(colon, ":mod:", 5) && strcmp(colon, ":mod");
}

static int parse(struct trace_array *tr, struct func_request *request, const char *word,
		 const char **why)
{
	struct event_trigger *trigger = &request->trigger;
	struct trigger_error error = { .text = NULL };
	const char *at = strchr(word, ':');
	int err;

	*request = (struct func_request){
		.glob = word, .len = (size_t)(at - word), .removes = *word == '!',
		.trigger.count = TRIGGER_UNLIMITED,
	};
	at++;
	err = trigger_parse_command(function_commands, trigger, &at, &error);
	if (!err && trigger->command->has_target)
		err = trigger_parse_target(tr, trigger, &at, &error);
	request->counted = *at == ':';
	if (!err)
		err = trigger_parse_count(trigger, &at, &error);
	if (!err && *at) {
		error.text = "Not a count";
		err = -EINVAL;
	}
	/* As on Linux, a dump is made once, whatever count is written. */
	if (!err && trigger->command->dumps) {
		request->counted = true;
		trigger->count = 1;
	}
	*why = error.text;
	return err;
}

static bool is_same(const struct func_probe *probe, const struct func_request *request)
{
	return probe->trigger.command == request->trigger.command &&
	       probe->trigger.target == request->trigger.target &&
	       probe->counted == request->counted;
}

/* --- Giving a command to functions --- */

/* Remove from @hash the functions that have the command already: they keep their count. */
static int leave_out(struct ftrace_hash *hash, struct func_probe *probe)
{
	struct ftrace_hash *have = ftrace_filter_copy(&probe->ops, false);
	unsigned long ip;
	unsigned int i;

	if (!have)
		return -ENOMEM;
	ftrace_hash_for_each(ip, i, have)
		ftrace_hash_remove(hash, ip);
	ftrace_hash_free(have);
	return 0;
}

static int match_new(struct trace_array *tr, const struct func_request *request,
		     struct ftrace_hash *hash)
{
	int err = ftrace_hash_match(hash, request->glob, request->len);

	for (struct func_probe *probe = tr->func_probes; probe && !err; probe = probe->next) {
		if (is_same(probe, request))
			err = leave_out(hash, probe);
	}
	return err;
}

static struct func_probe *make_probe(struct trace_array *tr, const struct func_request *request,
				     const struct ftrace_hash *hash)
{
	struct func_probe *probe;
	unsigned long ip;
	unsigned int i;

	probe = kzalloc(sizeof(*probe) + hash->count * sizeof(probe->counts[0]), GFP_KERNEL);
	if (!probe)
		return NULL;
	probe->tr = tr;
	probe->trigger = request->trigger;
	probe->counted = request->counted;
	probe->ops.func = func_probe_call;
	ftrace_hash_for_each(ip, i, hash)
		probe->counts[probe->nr++] = (struct func_count){ ip, request->trigger.count };
	sort(probe->counts, probe->nr, sizeof(probe->counts[0]), compare_counts, NULL);
	return probe;
}

/* @hash belongs to the ops afterwards, or is freed. */
static int start_probe(struct func_probe *probe, struct ftrace_hash *hash)
{
	int err = trigger_arm(probe->tr, &probe->trigger);

	if (err) {
		ftrace_hash_free(hash);
		return err;
	}
	err = ftrace_hash_install(&probe->ops, false, hash);
	if (!err)
		err = register_ftrace_function(&probe->ops);
	if (err) {
		ftrace_free_filter(&probe->ops);
		trigger_disarm(probe->tr, &probe->trigger);
	}
	return err;
}

static int add(struct trace_array *tr, const struct func_request *request, const char **why)
{
	struct ftrace_hash *hash = ftrace_hash_copy(NULL);
	struct func_probe *probe;
	int err = hash ? match_new(tr, request, hash) : -ENOMEM;

	if (err == -EINVAL)
		*why = "No function matches";
	/* All that match may have it, which is what was asked for. */
	if (err || !hash->count) {
		ftrace_hash_free(hash);
		return err;
	}
	probe = make_probe(tr, request, hash);
	if (!probe) {
		ftrace_hash_free(hash);
		return -ENOMEM;
	}
	err = start_probe(probe, hash);
	if (err) {
		kfree(probe);
		return err;
	}
	probe->next = tr->func_probes;
	tr->func_probes = probe;
	return 0;
}

/* --- Taking it from them --- */

/* Free the probe that *@link points to: 0, or an error, and then it stays. */
static int stop_probe(struct func_probe **link)
{
	struct func_probe *probe = *link;
	int err = unregister_ftrace_function(&probe->ops);

	if (err)
		return err;
	/* Nobody is in the callback any more. */
	*link = probe->next;
	ftrace_free_filter(&probe->ops);
	trigger_disarm(probe->tr, &probe->trigger);
	kfree(probe);
	return 0;
}

/* Take the functions that match from the probe. Without any left it goes, and *@link moves on. */
static int take_from(struct func_probe **link, const struct func_request *request, bool *found)
{
	struct ftrace_ops *ops = &(*link)->ops;
	struct ftrace_hash *hash = ftrace_filter_copy(ops, false);
	/* No name at all stands for each function, also if none is left because a module went. */
	bool all = request->len == 1 || !strncmp(request->glob, "!*:", 3);
	unsigned int before;

	if (!hash)
		return -ENOMEM;
	before = hash->count;
	if (!all)
		ftrace_hash_match(hash, request->glob, request->len);
	if (!all && hash->count == before) {
		ftrace_hash_free(hash);
		return 0;
	}
	*found = true;
	if (!all && hash->count)
		return ftrace_hash_install(ops, false, hash);
	ftrace_hash_free(hash);
	return stop_probe(link);
}

static int take_away(struct trace_array *tr, const struct func_request *request, const char **why)
{
	struct func_probe **link = &tr->func_probes, *probe;
	bool found = false;
	int err = 0;

	while ((probe = *link) && !err) {
		if (is_same(probe, request))
			err = take_from(link, request, &found);
		if (*link == probe)
			link = &probe->next;
	}
	if (err || found)
		return err;
	*why = "No such function has this command";
	return -EINVAL;
}

int trace_set_func_command(struct trace_array *tr, const char *word, const char **why)
{
	struct func_request request;
	int err;

	mutex_lock(&event_mutex);
	err = parse(tr, &request, word, why);
	if (!err)
		err = request.removes ? take_away(tr, &request, why) : add(tr, &request, why);
	mutex_unlock(&event_mutex);
	return err;
}

int trace_remove_func_commands(struct trace_array *tr)
{
	int err = 0;

	lockdep_assert_held(&event_mutex);
	while (tr->func_probes && !err)
		err = stop_probe(&tr->func_probes);
	return err;
}

int trace_clear_func_commands(struct trace_array *tr)
{
	int err;

	mutex_lock(&event_mutex);
	err = trace_remove_func_commands(tr);
	mutex_unlock(&event_mutex);
	return err;
}

/* --- Showing --- */

void trace_show_func_commands(struct seq_file *m, struct trace_array *tr,
			      void (*show_function)(struct seq_file *m, unsigned long ip))
{
	mutex_lock(&event_mutex);
	for (struct func_probe *probe = tr->func_probes; probe; probe = probe->next) {
		struct ftrace_hash *have = ftrace_filter_copy(&probe->ops, false);

		for (unsigned int i = 0; i < probe->nr; i++) {
			const struct func_count *count = &probe->counts[i];

			if (!ftrace_hash_contains(have, count->ip))
				continue;
			show_function(m, count->ip);
			seq_printf(m, ":%s", probe->trigger.command->name);
			trigger_show_rest(m, &probe->trigger, READ_ONCE(count->left));
			seq_putc(m, '\n');
		}
		ftrace_hash_free(have);
	}
	mutex_unlock(&event_mutex);
}
