/* SPDX-License-Identifier: MIT */
/*
 * Lines of dynamic_events and kprobe_events:
 *
 *	p[:[GROUP/][EVENT]] FUNCTION [ARGS]		a kprobe: the entry of a function
 *	r[MAXACTIVE][:[GROUP/][EVENT]] FUNCTION [ARGS]	its return; also FUNCTION%return
 *	f[:[GROUP/][EVENT]] FUNCTION[%return] [ARGS]	an fprobe: the same under other names
 *	t[:[GROUP/][EVENT]] TRACEPOINT [ARGS]
 *	-:[GROUP/]EVENT, -:GROUP/			take it away
 *
 * A function may have its module in front, with a colon. Errors are Linux's, in its words.
 */
#include "kernel/arch.h"
#include "kernel/fs/seq_file.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/ctype.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "trace/ftrace.h"
#include "trace/probes/probe.h"
#include "trace/probes/probe_words.h"

#define MAX_ACTIVE_LIMIT 4096
#define WORDS_MAX (PROBE_ARGS_MAX + 3)

static LIST_HEAD(probe_events);		/* in the order in which they were made */

/* A line that is being taken apart: the words are in a copy, at the same places. */
struct command {
	char *line;
	char *words[WORDS_MAX];
	unsigned int nr;
	struct probe_error *error;
};

static int fail(struct command *c, const char *at, const char *text, int err)
{
	c->error->text = text;
	c->error->pos = (unsigned int)(at - c->line);
	return err;
}

static int split(struct command *c)
{
	char *at = c->line;

	for (;;) {
		while (isspace(*at))
			*at++ = '\0';
		if (!*at || *at == '#')
			break;
		if (c->nr == WORDS_MAX)
			return fail(c, at, "Too many arguments are specified", -E2BIG);
		c->words[c->nr++] = at;
		while (*at && !isspace(*at))
			at++;
	}
	*at = '\0';
	return 0;
}

/* What a line may begin with, and what the events of such lines have. */
static const struct kind {
	const char *letters;		/* the second one: at a return */
	enum probe_kind kind;
	const char *group, *log;	/* the event's, if it names none; where errors are logged */
} kinds_of_events[] = {
	{ "pr", PROBE_KPROBE, "kprobes", "trace_kprobe" },
	{ "f", PROBE_FPROBE, "fprobes", "trace_fprobe" },
	{ "t", PROBE_TRACEPOINT, "tracepoints", "trace_fprobe" },
};

static const struct kind *kind_of_letter(char letter)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds_of_events); i++)
		if (letter && strchr(kinds_of_events[i].letters, letter))
			return &kinds_of_events[i];
	return NULL;
}

static const struct kind *kind_called(enum probe_kind kind)
{
	const struct kind *it = kinds_of_events;

	while (it->kind != kind)
		it++;
	return it;
}

/* --- Places --- */

struct matches {
	const char *module;		/* NULL: any */
	unsigned long address;
	unsigned int nr;
};

static int match(void *data, unsigned long addr)
{
	struct matches *matches = data;
	struct ksym sym;

	if (matches->module && (!kallsyms_lookup(addr, &sym) ||
				strcmp(sym.module, matches->module)))
		return 0;
	matches->address = addr;
	matches->nr++;
	return 0;
}

static int find_function(const char *text, unsigned long *address, const char **why)
{
	char module[PROBE_NAME_MAX];
	const char *colon = strchr(text, ':');
	struct matches matches = { NULL, 0, 0 };

	if (isdigit(*text)) {
		*why = "Invalid probed address or symbol";
		return kstrtoul(text, 0, address);
	}
	if (colon && (size_t)(colon - text) < sizeof(module)) {
		memcpy(module, text, (size_t)(colon - text));
		module[colon - text] = '\0';
		matches.module = module;
	}
	kallsyms_on_each_match_symbol(match, colon ? colon + 1 : text, &matches);
	*address = matches.address;
	*why = matches.nr ? "The symbol is not unique" : "Invalid probed address or symbol";
	return matches.nr == 1 ? 0 : matches.nr ? -EINVAL : -ENOENT;
}

int probe_find_place(const struct probe_event *event, struct probe_place *place, const char **why)
{
	unsigned long address;
	int err;

	*place = (struct probe_place){ 0, 0 };
	if (event->kind == PROBE_TRACEPOINT) {
		/* A probe gets its own data in front of the tracepoint's arguments. */
		*place = (struct probe_place){ (unsigned long)event->call.tp->iterator, 1 };
		return 0;
	}
	err = find_function(event->function, &address, why);
	if (err)
		return err;
	place->site = ftrace_location(address);
	*why = "Only the entry of a traced function can be probed";
	return place->site ? 0 : -EOPNOTSUPP;
}

struct wanted_tracepoint {
	const char *name;
	struct tracepoint *tp;
};

static void compare_tracepoint(struct tracepoint *tp, void *priv)
{
	struct wanted_tracepoint *wanted = priv;

	if (!strcmp(tp->name, wanted->name))
		wanted->tp = tp;
}

static int find_tracepoint(struct command *c, struct probe_event *event)
{
	struct wanted_tracepoint wanted = { event->function, NULL };

	if (!probe_good_name(event->function))
		return fail(c, c->words[1], "Invalid character in tracepoint name", -EINVAL);
	for_each_kernel_tracepoint(compare_tracepoint, &wanted);
	event->call.tp = wanted.tp;
	return wanted.tp ? 0 : fail(c, c->words[1], "Tracepoint is not found", -ENOENT);
}

/* The word that names the function: FUNCTION[+OFFSET][%return]. */
static int parse_place(struct command *c, struct probe_event *event, struct probe_place *place)
{
	char *word = c->words[1], *suffix = strchr(word, '%'), *plus;
	const char *why;
	int err;

	/* A tracepoint has no return: there `%` is a character that no name has. */
	if (suffix && event->kind != PROBE_TRACEPOINT) {
		if (strcmp(suffix, "%return"))
			return fail(c, suffix, "Invalid probed address suffix", -EINVAL);
		event->is_return = true;
		*suffix = '\0';
	}
	plus = strchr(word, '+');
	if (plus) {
		unsigned long offset;

		if (event->kind != PROBE_KPROBE || kstrtoul(plus + 1, 0, &offset))
			return fail(c, word, "Invalid probed address or symbol", -EINVAL);
		if (offset && event->is_return)
			return fail(c, word, "Retprobe address must be an function entry", -EINVAL);
		if (offset)
			return fail(c, plus, "Only the entry of a traced function can be probed",
				    -EOPNOTSUPP);
		*plus = '\0';
	}
	event->function = kstrdup(word, GFP_KERNEL);
	if (!event->function)
		return -ENOMEM;
	if (event->kind == PROBE_TRACEPOINT) {
		err = find_tracepoint(c, event);
		if (err)
			return err;
	}
	err = probe_find_place(event, place, &why);
	return err ? fail(c, word, why, err) : 0;
}

/* --- Names --- */

static int take_name(struct command *c, char *to, const char *from, size_t len,
		     const char *too_long, const char *bad)
{
	if (len >= PROBE_NAME_MAX)
		return fail(c, from, too_long, -EINVAL);
	memcpy(to, from, len);
	to[len] = '\0';
	return probe_good_name(to) ? 0 : fail(c, from, bad, -EINVAL);
}

/* [GROUP/][EVENT]; `.` may stand for the slash. */
static int parse_names(struct command *c, struct probe_event *event, char *at)
{
	char *slash = probe_find_any(at, "/.");
	int err = 0;

	if (*slash) {
		if (slash == at)
			return fail(c, at, "Group name is not specified", -EINVAL);
		err = take_name(c, event->group, at, (size_t)(slash - at),
				"Group name is too long",
				"Group name must follow the same rules as C identifiers");
		at = slash + 1;
		/* A group alone: the event has the name that it would have without any. */
		if (err || !*at)
			return err;
	}
	if (!*at)
		return fail(c, at, "Event name is not specified", -EINVAL);
	return take_name(c, event->name, at, strlen(at), "Event name is too long",
			 "Event name must follow the same rules as C identifiers");
}

/* Linux's names for events that were given none. */
static void name_by_default(struct probe_event *event)
{
	char *at;

	if (!*event->group)
		strscpy(event->group, kind_called(event->kind)->group, sizeof(event->group));
	if (*event->name)
		return;
	if (event->kind == PROBE_KPROBE)
		scnprintf(event->name, sizeof(event->name), "%c_%s_0", event->is_return ? 'r' : 'p',
			  event->function);
	else
		scnprintf(event->name, sizeof(event->name), "%s%s", event->function,
			  event->kind == PROBE_TRACEPOINT ? "" :
			  event->is_return ? "__exit" : "__entry");
	/* Dots are of the compiler's copies of functions, a colon is behind a module. */
	for (at = event->name; *(at = probe_find_any(at, ".:")); at++)
		*at = '_';
}

/* TYPE[MAXACTIVE][:NAMES] */
static int parse_head(struct command *c, struct probe_event *event)
{
	char *word = c->words[0], *colon = strchr(word, ':');
	int number;

	event->is_return = *word == 'r';
	if (colon)
		*colon = '\0';
	if (word[1]) {
		if (*word == 'p' || *word == 't')
			return fail(c, word + 1, "Maxactive is only for function exit", -EINVAL);
		if (kstrtoint(word + 1, 0, &number) || number <= 0)
			return fail(c, word + 1, "Invalid maxactive number", -EINVAL);
		if (number > MAX_ACTIVE_LIMIT)
			return fail(c, word + 1, "Maxactive is too big", -EINVAL);
		event->max_active = (unsigned int)number;
	}
	return colon ? parse_names(c, event, colon + 1) : 0;
}

/* --- Making --- */

static int make(struct command *c, struct probe_event *event)
{
	struct probe_place place;
	int err = parse_head(c, event);

	if (!err && c->nr < 2)
		return fail(c, c->words[0] + strlen(c->words[0]),
			    "Invalid probed address or symbol", -EINVAL);
	if (!err)
		err = parse_place(c, event, &place);
	if (err)
		return err;
	/* Only the place tells of an fprobe whether it is one at the return. */
	if (event->max_active && !event->is_return)
		return fail(c, c->words[0] + 1, "Maxactive is only for function exit", -EINVAL);
	name_by_default(event);
	err = probe_parse_args(event, &place, c->line, c->words + 2, c->nr - 2, c->error);
	if (!err && !FTRACE_HAVE_ARGS && event->nr_words && event->kind != PROBE_TRACEPOINT)
		return fail(c, c->words[2], "This kernel's sites tell no arguments", -EOPNOTSUPP);
	if (!err)
		err = probe_event_lay_out(event);
	if (err == -E2BIG && !c->error->text)
		return fail(c, c->words[2], "The arguments are too long for a record", err);
	if (!err)
		err = probe_event_describe(event);
	return err;
}

static int create(struct command *c, const struct kind *kind)
{
	struct probe_event *event = kzalloc(sizeof(*event), GFP_KERNEL);
	int err;

	if (!event)
		return -ENOMEM;
	c->error->log = kind->log;
	event->kind = kind->kind;
	err = make(c, event);
	if (!err) {
		probe_event_init(event);
		err = trace_event_add_call(&event->call);
		if (err == -EEXIST)
			fail(c, c->words[0],
			     "Given group/event name is already used by another event", err);
	}
	/* Nobody has seen one that could not be added. */
	if (!err)
		list_add_tail(&event->list, &probe_events);
	else
		probe_event_free(event);
	return err;
}

/* --- Taking away --- */

static int take_away(struct probe_event *event)
{
	if (trace_event_in_use(&event->call))
		return -EBUSY;
	list_del(&event->list);
	/* The event may be freed by this. */
	return trace_event_remove_call(&event->call);
}

/* [GROUP/][EVENT] of `-:`: all that are named so, up to the first that is in use. */
static int remove_named(struct command *c, unsigned int kinds, char *names)
{
	struct probe_event *event, *next, wanted;
	bool found = false;
	int err;

	/* A half that is not named stays empty, and stands for any. */
	memset(wanted.group, 0, sizeof(wanted.group));
	memset(wanted.name, 0, sizeof(wanted.name));
	err = parse_names(c, &wanted, names);
	if (err)
		return err;
	list_for_each_entry_safe(event, next, &probe_events, list) {
		if (!(event->kind & kinds) ||
		    (*wanted.group && strcmp(event->group, wanted.group)) ||
		    (*wanted.name && strcmp(event->name, wanted.name)))
			continue;
		found = true;
		err = take_away(event);
		if (err)
			return fail(c, names, "The event is in use", err);
	}
	return found ? 0 : fail(c, names, "There is no such event", -ENOENT);
}

int probe_remove_all(unsigned int kinds)
{
	struct probe_event *event, *next;
	int err = 0;

	mutex_lock(&event_mutex);
	/* All or none: half of a list would be a surprise. */
	list_for_each_entry(event, &probe_events, list)
		if ((event->kind & kinds) && trace_event_in_use(&event->call))
			err = -EBUSY;
	list_for_each_entry_safe(event, next, &probe_events, list)
		if (!err && (event->kind & kinds))
			take_away(event);
	mutex_unlock(&event_mutex);
	return err;
}

void probe_enable_all(unsigned int kinds)
{
	struct probe_event *event;
	int err;

	mutex_lock(&event_mutex);
	list_for_each_entry(event, &probe_events, list) {
		err = event->kind & kinds ? trace_event_enable(&event->call.file, true) : 0;
		if (err)
			pr_warn("%s/%s: %s\n", event->group, event->name, errno_string(err));
	}
	mutex_unlock(&event_mutex);
}

/* --- Lines --- */

static const char *why_not(char type)
{
	switch (type) {
	case 'u':
	case 'U':
		return "There are no uprobes: this kernel has no user space";
	case 'e':
		return "There are no event probes yet";
	case 's':
		return "There are no synthetic events yet";
	}
	return "Unknown type of event";
}

static int run(struct command *c, unsigned int kinds)
{
	char *word = c->words[0], *colon;
	const struct kind *kind = kind_of_letter(*word);

	/* `-` stands alone in front of its colon; behind `!` is the line as it was added. */
	if (*word == '-' || *word == '!') {
		colon = strchr(word, ':');
		if (!colon || (*word == '-' && colon != word + 1))
			return fail(c, word + 1, "Expected -:[GROUP/]EVENT", -EINVAL);
		return remove_named(c, kinds, colon + 1);
	}
	if (!kind)
		return fail(c, word, why_not(*word), -EINVAL);
	if (!(kind->kind & kinds))
		return fail(c, word, "This file is for kprobes; others are for dynamic_events",
			    -EINVAL);
	return create(c, kind);
}

int probe_command(const char *line, unsigned int kinds, struct probe_error *error)
{
	size_t size = strlen(line) + 1;
	struct command *c = kzalloc(sizeof(*c) + size, GFP_KERNEL);
	int err;

	*error = (struct probe_error){ NULL, 0, NULL };
	if (!c)
		return -ENOMEM;
	c->line = memcpy(c + 1, line, size);
	c->error = error;
	mutex_lock(&event_mutex);
	err = split(c);
	if (!err && c->nr)
		err = run(c, kinds);
	mutex_unlock(&event_mutex);
	kfree(c);
	return err;
}

/* --- What there is --- */

static void show_event(struct seq_file *m, const struct probe_event *event)
{
	seq_putc(m, event->kind == PROBE_KPROBE && event->is_return ? 'r' :
		 kind_called(event->kind)->letters[0]);
	if (event->max_active)
		seq_printf(m, "%u", event->max_active);
	seq_printf(m, ":%s/%s %s%s", event->group, event->name, event->function,
		   event->is_return && event->kind == PROBE_FPROBE ? "%return" : "");
	for (unsigned int i = 0; i < event->nr_args; i++)
		seq_printf(m, " %s=%s", event->args[i].name, event->args[i].text);
	seq_putc(m, '\n');
}

void probe_show_events(struct seq_file *m, unsigned int kinds)
{
	const struct probe_event *event;

	mutex_lock(&event_mutex);
	list_for_each_entry(event, &probe_events, list)
		if (event->kind & kinds)
			show_event(m, event);
	mutex_unlock(&event_mutex);
}

void probe_show_profile(struct seq_file *m)
{
	const struct probe_event *event;
	unsigned int cpu;

	mutex_lock(&event_mutex);
	list_for_each_entry(event, &probe_events, list) {
		unsigned long hits = 0;

		if (event->kind != PROBE_KPROBE)
			continue;
		/* A hit adds to its own CPU's number, and only this adds them up. */
		for_each_online_cpu(cpu)
			hits += READ_ONCE(event->hits[cpu]);
		seq_printf(m, "  %-44s %15lu %15lu\n", event->name, hits,
			   READ_ONCE(event->fp.nmissed));
	}
	mutex_unlock(&event_mutex);
}
