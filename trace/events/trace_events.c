/* SPDX-License-Identifier: MIT */
/*
 * The list of events, and their switches. An event is on if its probe is registered with its
 * tracepoint. Files, the command `trace` and boot parameters all use these functions.
 */
#include "trace/events/trace_events.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/glob.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/printk.h"
#include "kernel/sched/wait.h"
#include "trace/core/jump.h"

extern struct trace_event_call *const __start_trace_events[], *const __stop_trace_events[];
extern const struct jump_site __start_jump_sites[], __stop_jump_sites[];

DEFINE_MUTEX(event_mutex);
static struct trace_event_call *events;		/* by system and name */
const struct trace_events_watcher *trace_events_watcher;

static int compare_calls(const struct trace_event_call *a, const struct trace_event_call *b)
{
	int order = strcmp(a->class->system, b->class->system);

	return order ? order : strcmp(a->name, b->name);
}

static void release_call(const struct trace_event_type *type)
{
	struct trace_event_call *call = container_of(type, struct trace_event_call, output);

	call->free(call);
}

static int add_event(struct trace_event_call *call)
{
	struct trace_event_call **link = &events;
	struct trace_array *tr;
	bool used_before;
	int type;

	lockdep_assert_held(&event_mutex);
	call->output = (struct trace_event_type){
		call->name, call->class->size, call->class->text, call->free ? release_call : NULL,
	};
	type = trace_event_type_register(&call->output, &used_before);
	if (type < 0)
		return type;
	/* Records of the event that had this number would be taken for this one's. */
	if (used_before) {
		for_each_trace_array(tr)
			tracing_reset(tr);
	}
	call->file = (struct trace_event_file){
		.call = call, .tr = &global_trace, .type = (u16)type,
		.other_pid = trace_event_other_pid(call),
	};
	/* Sorted, so that a system's events are side by side in files and lists. */
	while (*link && compare_calls(*link, call) < 0)
		link = &(*link)->next;
	call->next = *link;
	*link = call;
	return 0;
}

static void unlink_event(struct trace_event_call *call)
{
	struct trace_event_call **link = &events;

	lockdep_assert_held(&event_mutex);
	while (*link != call)
		link = &(*link)->next;
	*link = call->next;
}

static bool has_events(const char *system)
{
	struct trace_event_call *call = NULL;

	while ((call = trace_event_next(call)) && strcmp(call->class->system, system))
		;
	return call;
}

static void unwatch(struct trace_event_call *call)
{
	struct trace_event_file *file;

	for_each_event_file(file, call)
		trace_events_watcher->removed(file);
}

static int watch(struct trace_event_call *call)
{
	struct trace_event_file *file;
	int err = 0;

	for_each_event_file(file, call)
		err = err ? err : trace_events_watcher->added(file);
	if (err)
		unwatch(call);
	return err;
}

int trace_event_add_call(struct trace_event_call *call)
{
	int err;

	if (trace_event_by_name(&global_trace, call->class->system, call->name))
		return -EEXIST;
	err = add_event(call);
	if (!err)
		err = trace_event_add_files(call);
	if (!err && trace_events_watcher)
		err = watch(call);
	if (!err)
		return 0;
	/* The caller frees it: it never had a record. */
	if (call->file.type) {
		trace_event_remove_files(call);
		call->output.release = NULL;
		unlink_event(call);
		trace_event_type_retire(call->file.type);
	}
	return err;
}

bool trace_event_in_use(const struct trace_event_call *call)
{
	const struct trace_event_file *file;

	lockdep_assert_held(&event_mutex);
	for_each_event_file(file, call) {
		if (READ_ONCE(file->enabled) || file->soft_users || file->probe)
			return true;
	}
	return false;
}

int trace_event_remove_call(struct trace_event_call *call)
{
	struct trace_array *tr;

	if (trace_event_in_use(call))
		return -EBUSY;
	if (trace_events_watcher)
		unwatch(call);
	unlink_event(call);
	if (!has_events(call->class->system)) {
		for_each_trace_array(tr)
			trace_system_forget_filter(tr, call->class->system);
	}
	trace_event_remove_files(call);
	/* Last: without a free() its memory may go when this returns. */
	trace_event_type_retire(call->file.type);
	return 0;
}

void trace_events_init(void)
{
	struct trace_event_call *const *call;

	ftrace_jumps_init(__start_jump_sites,
			  (unsigned int)(__stop_jump_sites - __start_jump_sites));
	mutex_lock(&event_mutex);
	for (call = __start_trace_events; call < __stop_trace_events; call++) {
		if (add_event(*call))
			pr_err("event %s: there are too many\n", (*call)->name);
	}
	mutex_unlock(&event_mutex);
}

struct trace_event_call *trace_event_next(const struct trace_event_call *call)
{
	lockdep_assert_held(&event_mutex);
	return call ? call->next : events;
}

struct trace_event_call *trace_event_find(unsigned int type)
{
	struct trace_event_call *call = NULL;

	while ((call = trace_event_next(call)) && call->file.type != type)
		;
	return call;
}

/* An event costs what its checks cost only if it has some. */
static void *probe_for(const struct trace_event_file *file)
{
	const struct trace_event_class *class = file->call->class;

	if (file->soft_users)
		return class->checked_probe;
	if (!READ_ONCE(file->enabled))
		return NULL;
	return file->filter || trace_pids_active(&file->tr->event_pids) ? class->checked_probe :
									 class->probe;
}

static int switch_probe(struct trace_event_file *file, void *probe)
{
	struct tracepoint *tp = file->call->tp;

	if (file->call->class->reg)
		return file->call->class->reg(file, probe);
	if (!file->probe)
		return tracepoint_probe_register(tp, probe, file);
	if (!probe)
		return tracepoint_probe_unregister(tp, file->probe, file);
	return tracepoint_probe_replace(tp, file->probe, probe, file);
}

void trace_event_wait_until_left(const struct trace_event_file *file)
{
	if (file->call->class->reg)
		file->call->class->wait_until_left(file);
	else
		tracepoint_wait_until_left(file->call->tp);
}

/* Its histogram, if that is its only trigger, has no filter, and all that the event is for. */
static const struct hist *only_hist(const struct trace_event_file *file)
{
	const struct event_trigger *trigger = file->triggers;

	return trigger && !trigger->next && !trigger->filter && file->soft_users == 1 &&
	       !READ_ONCE(file->enabled) ? trigger->hist : NULL;
}

int trace_event_update(struct trace_event_file *file)
{
	bool pids = trace_pids_active(&file->tr->event_pids);
	void *probe = probe_for(file);
	int err = 0;

	lockdep_assert_held(&event_mutex);
	/* The probe may be running, and may read this and not the rest: it gets a whole filter. */
	smp_store_release(&file->only_filter,
			  file->filter && !file->filter->has_cpu && !file->soft_users && !pids ?
			  file->filter : NULL);
	smp_store_release(&file->only_hist, pids ? NULL : only_hist(file));
	if (probe == file->probe)
		return 0;
	/* Such a probe runs in any context, where it can get no memory. */
	if (probe == file->call->class->checked_probe)
		err = trace_event_rooms_alloc();
	if (!err)
		err = switch_probe(file, probe);
	if (!err)
		file->probe = probe;
	return err;
}

struct trace_event_file *trace_event_by_name(const struct trace_array *tr, const char *system,
					     const char *event)
{
	struct trace_event_call *call = NULL;

	while ((call = trace_event_next(call)) != NULL) {
		if (!strcmp(call->class->system, system) && !strcmp(call->name, event))
			return trace_event_file_of(call, tr);
	}
	return NULL;
}

int trace_event_enable(struct trace_event_file *file, bool on)
{
	int err = 0;

	lockdep_assert_held(&event_mutex);
	if (READ_ONCE(file->enabled) == on)
		return 0;
	if (on)
		err = tracing_update_buffers(file->tr);
	if (err)
		return err;
	/* First, because the choice of the probe reads it. */
	WRITE_ONCE(file->enabled, on);
	err = trace_event_update(file);
	if (err)
		WRITE_ONCE(file->enabled, !on);
	return err;
}

static bool matches(const char *glob, const char *text)
{
	return !glob || glob_match(glob, strlen(glob), text);
}

static bool event_matches(const struct trace_event_call *call, const char *system,
			  const char *event, bool either)
{
	if (!matches(system, call->class->system))
		return false;
	return matches(event, call->name) || (either && matches(event, call->class->system));
}

int trace_events_enable(struct trace_array *tr, const char *system, const char *event, bool either,
			bool on)
{
	struct trace_event_call *call = NULL;
	struct trace_event_file *file;
	bool found = false;
	int err = 0, result;

	mutex_lock(&event_mutex);
	while ((call = trace_event_next(call)) != NULL) {
		file = trace_event_file_of(call, tr);
		if (!file || !event_matches(call, system, event, either))
			continue;
		found = true;
		/* One that fails does not keep the others from being switched. */
		result = trace_event_enable(file, on);
		err = err ? err : result;
	}
	mutex_unlock(&event_mutex);
	return found ? err : -EINVAL;
}

#define NAME_MAX_LEN 128

/* [SYSTEM:]EVENT, of which an empty half stands for everything. */
struct event_name {
	char text[NAME_MAX_LEN];
	const char *system, *event;	/* NULL: any */
	bool either;			/* there was one word alone */
};

static int parse_name(struct event_name *name, const char *text)
{
	char *colon;

	if (strlen(text) >= sizeof(name->text))
		return -EINVAL;
	strscpy(name->text, text, sizeof(name->text));
	colon = strchr(name->text, ':');
	name->either = !colon;
	name->system = colon && colon != name->text ? name->text : NULL;
	name->event = colon ? colon + 1 : name->text;
	if (colon)
		*colon = '\0';
	if (!*name->event)
		name->event = NULL;
	return name->system || name->event ? 0 : -EINVAL;
}

int trace_events_set(struct trace_array *tr, const char *word)
{
	bool on = *word != '!';
	struct event_name name;
	int err = parse_name(&name, word + !on);

	return err ? err : trace_events_enable(tr, name.system, name.event, name.either, on);
}

bool trace_events_named(const char *text)
{
	struct trace_event_call *call = NULL;
	struct event_name name;

	if (parse_name(&name, text))
		return false;
	mutex_lock(&event_mutex);
	while ((call = trace_event_next(call)) &&
	       !event_matches(call, name.system, name.event, name.either))
		;
	mutex_unlock(&event_mutex);
	return call;
}

int trace_events_boot_trigger(const char *word)
{
	struct trace_event_call *call = NULL;
	const char *dot = strchr(word, '.');
	struct trigger_error error;
	int err = 0, result;
	bool found = false;

	mutex_lock(&event_mutex);
	while (dot && (call = trace_event_next(call)) != NULL) {
		size_t len = (size_t)(dot - word);

		/* As on Linux, no system is named: each event of that name gets it. */
		if (strncmp(call->name, word, len) || call->name[len])
			continue;
		found = true;
		result = trace_event_set_trigger(&call->file, dot + 1, &error);
		if (result && error.text)
			pr_warn("trace_trigger: %s\n", error.text);
		err = err ? err : result;
	}
	mutex_unlock(&event_mutex);
	return found ? err : -EINVAL;
}

void trace_events_save(struct trace_events_saved *saved)
{
	struct trace_event_call *call = NULL;

	*saved = (struct trace_events_saved){ { 0 } };
	mutex_lock(&event_mutex);
	while ((call = trace_event_next(call)) != NULL) {
		unsigned int n = call->file.type - TRACE_EVENT_TYPE_FIRST;

		saved->on[n / 32] |= (u32)READ_ONCE(call->file.enabled) << n % 32;
	}
	mutex_unlock(&event_mutex);
}

int trace_events_restore(const struct trace_events_saved *saved)
{
	struct trace_event_call *call = NULL;
	int err = 0, result;

	mutex_lock(&event_mutex);
	while ((call = trace_event_next(call)) != NULL) {
		unsigned int n = call->file.type - TRACE_EVENT_TYPE_FIRST;

		result = trace_event_enable(&call->file, saved->on[n / 32] >> n % 32 & 1);
		err = err ? err : result;
	}
	mutex_unlock(&event_mutex);
	return err;
}

char trace_events_state(const struct trace_array *tr, const char *system)
{
	struct trace_event_call *call = NULL;
	const struct trace_event_file *file;
	bool on = false, off = false;

	mutex_lock(&event_mutex);
	while ((call = trace_event_next(call)) != NULL) {
		bool is_on;

		file = trace_event_file_of(call, tr);
		if (!file || (system && strcmp(system, call->class->system)))
			continue;
		is_on = READ_ONCE(file->enabled);
		on |= is_on;
		off |= !is_on;
	}
	mutex_unlock(&event_mutex);
	return on && off ? 'X' : on ? '1' : '0';
}
