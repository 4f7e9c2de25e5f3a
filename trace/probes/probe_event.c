/* SPDX-License-Identifier: MIT */
/*
 * A dynamic event when it happens: an fprobe or a tracepoint's probe makes the record. Untraced,
 * because traced functions call it.
 */
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "trace/core/reclaim.h"
#include "trace/probes/probe.h"

/* What trace_event_file.probe is: whether there is anything to check. Nobody calls them. */
static char plain_probe, checked_probe;

/* --- The record --- */

/* Threads on several CPUs may have read the same number of a CPU: no hit is lost all the same. */
static __always_inline void count_hit(struct probe_event *event)
{
	__atomic_fetch_add(&event->hits[smp_processor_id()], 1, __ATOMIC_RELAXED);
}

static __always_inline void fill_head(const struct probe_event *event, void *entry,
				      unsigned long ip, unsigned long ret_ip)
{
	struct probe_record *record = entry;

	record->ip = ip;
	if (event->is_return)
		record->ret_ip = ret_ip;
}

/* A record whose length is not known before, or that somebody wants to check. */
static void record_checked(struct probe_event *event, struct trace_event_file *file,
			   unsigned long ip, unsigned long ret_ip,
			   const struct probe_source *source)
{
	unsigned int end = event->head_size;
	char *entry = trace_event_check_begin(file, RB_MAX_PAYLOAD);

	if (likely(entry)) {
		fill_head(event, entry, ip, ret_ip);
		probe_fetch_args(event, source, entry, &end, RB_MAX_PAYLOAD);
		/* Readers see whole words. */
		while (end % 4)
			entry[end++] = '\0';
	}
	trace_event_check_end(file, entry, end);
}

/* All records of the event have one size, and are written where they stay. */
static __always_inline void record_plain(struct probe_event *event, struct trace_event_file *file,
					 unsigned long ip, unsigned long ret_ip,
					 const struct probe_source *source)
{
	unsigned int end = event->head_size;
	struct trace_event_buffer buffer;
	void *entry = trace_event_buffer_reserve(&buffer, file, event->head_size);

	if (unlikely(!entry))
		return;
	fill_head(event, entry, ip, ret_ip);
	probe_fetch_args(event, source, entry, &end, end);
	trace_event_buffer_commit(&buffer);
}

static noinline void record_each(struct probe_event *event, unsigned long ip, unsigned long ret_ip,
				 const struct probe_source *source)
{
	struct trace_event_file *file;

	for_each_event_file(file, &event->call) {
		const void *probe = READ_ONCE(file->probe);

		if (probe && (event->has_text || probe == &checked_probe))
			record_checked(event, file, ip, ret_ip, source);
		else if (probe)
			record_plain(event, file, ip, ret_ip, source);
	}
}

static __always_inline void record(struct probe_event *event, unsigned long ip,
				   unsigned long ret_ip, const struct probe_source *source)
{
	struct trace_event_file *file = READ_ONCE(event->only_plain);

	count_hit(event);
	if (likely(file))
		record_plain(event, file, ip, ret_ip, source);
	else
		record_each(event, ip, ret_ip, source);
}

/* --- Functions --- */

/*
 * Whoever takes something from an event waits until no thread has these handlers on its stack; so
 * none of them ends with a jump into what it calls.
 */
static int probe_entry(struct fprobe *fp, unsigned long entry_ip, unsigned long ret_ip,
		       struct ftrace_regs *fregs, void *entry_data)
{
	struct probe_event *event = container_of(fp, struct probe_event, fp);
	unsigned long words[PROBE_WORDS];

	if (event->nr_words)
		arch_ftrace_read_args(fregs, words, event->nr_words);
	record(event, entry_ip, ret_ip, &(struct probe_source){ fregs, words });
	barrier();
	return 0;
}

/* The arguments are gone when the function returns. */
static int probe_keep_args(struct fprobe *fp, unsigned long entry_ip, unsigned long ret_ip,
			   struct ftrace_regs *fregs, void *entry_data)
{
	struct probe_event *event = container_of(fp, struct probe_event, fp);

	arch_ftrace_read_args(fregs, entry_data, event->nr_words);
	return 0;
}

static void probe_exit(struct fprobe *fp, unsigned long entry_ip, unsigned long ret_ip,
		       struct ftrace_regs *fregs, void *entry_data)
{
	struct probe_event *event = container_of(fp, struct probe_event, fp);

	record(event, entry_ip, ret_ip, &(struct probe_source){ fregs, entry_data });
	barrier();
}

static int start_function(struct probe_event *event)
{
	struct probe_place place;
	const char *why;
	unsigned long site;
	int err = probe_find_place(event, &place, &why);

	/* The function's module may have gone since the event was made. */
	if (err)
		return -ENOENT;
	site = place.site;
	event->fp.entry_handler = event->is_return ? NULL : probe_entry;
	event->fp.exit_handler = event->is_return ? probe_exit : NULL;
	event->fp.entry_data_size = 0;
	if (event->is_return && event->nr_words) {
		event->fp.entry_handler = probe_keep_args;
		event->fp.entry_data_size = event->nr_words * sizeof(long);
	}
	return register_fprobe_ips(&event->fp, &site, 1);
}

/* --- Tracepoints --- */

/*
 * A tracepoint calls its probes with the probe's data and its own arguments, whatever they are. So
 * this takes as many words as any has: those that are none of its arguments are never looked at.
 */
static void probe_tracepoint(void *data, unsigned long a, unsigned long b, unsigned long c,
			     unsigned long d, unsigned long e, unsigned long f, unsigned long g,
			     unsigned long h, unsigned long i)
{
	unsigned long words[PROBE_WORDS] = { (unsigned long)data, a, b, c, d, e, f, g, h, i };
	struct probe_event *event = data;
	unsigned long ip = (unsigned long)event->call.tp->iterator;

	record(event, ip, ip, &(struct probe_source){ NULL, words });
	barrier();
}

/* --- Switching --- */

static void wait_until_left(const struct trace_event_file *file)
{
	const struct probe_event *event = container_of(file->call, struct probe_event, call);

	ftrace_wait_until_function_left(event->kind == PROBE_TRACEPOINT ?
					(unsigned long)probe_tracepoint : event->is_return ?
					(unsigned long)probe_exit : (unsigned long)probe_entry);
}

static int start(struct probe_event *event)
{
	if (event->kind == PROBE_TRACEPOINT)
		return tracepoint_probe_register(event->call.tp, (void *)probe_tracepoint, event);
	return start_function(event);
}

static int stop(struct probe_event *event)
{
	if (event->kind == PROBE_TRACEPOINT)
		return tracepoint_probe_unregister(event->call.tp, (void *)probe_tracepoint,
						   event);
	/* If the module of the function has gone, so has what was registered. */
	return fprobe_is_registered(&event->fp) ? unregister_fprobe(&event->fp) : 0;
}

/* What hits look at has changed. Returns whether the event is recorded in another instance, too. */
static bool choose_way(struct probe_event *event, const struct trace_event_file *changed)
{
	struct trace_event_file *file, *plain = NULL;
	unsigned int nr = 0;

	for_each_event_file(file, &event->call) {
		nr += file->probe != NULL;
		if (file->probe == &plain_probe && !event->has_text)
			plain = file;
	}
	WRITE_ONCE(event->only_plain, nr == 1 ? plain : NULL);
	return nr > (changed->probe != NULL);
}

static int reg(struct trace_event_file *file, void *probe)
{
	struct probe_event *event = container_of(file->call, struct probe_event, call);
	void *old = file->probe;
	int err = 0;
	bool stays;

	lockdep_assert_held(&event_mutex);
	/* A record with a text is made there, too. */
	if (probe && event->has_text)
		err = trace_event_rooms_alloc();
	if (err)
		return err;
	/* Before the first hit that is to be recorded so, and after the last one that is not. */
	WRITE_ONCE(file->probe, probe);
	stays = choose_way(event, file);
	if (!old && !stays)
		err = start(event);
	else if (!probe && !stays)
		err = stop(event);
	else if (old)
		wait_until_left(file);
	if (!err)
		return 0;
	WRITE_ONCE(file->probe, old);
	choose_way(event, file);
	return err;
}

/* --- Making --- */

/* Add a field behind those up to *@end, and return where it begins. */
static unsigned int add_field(struct trace_event_field **field, const char *type, const char *name,
			      unsigned int size, unsigned int count, unsigned int *end)
{
	unsigned int align = min(size, (unsigned int)sizeof(long));
	unsigned int offset = ALIGN_UP(*end, align), whole = size * (count ? count : 1);

	*(*field)++ = (struct trace_event_field){
		.type = type, .name = name, .size = (u16)whole, .align = (u16)align,
		.len = (u16)count,
	};
	*end = offset + whole;
	return offset;
}

int probe_event_lay_out(struct probe_event *event)
{
	unsigned int end = offsetof(struct probe_record, ip);
	struct trace_event_field *field;

	/* Two at most in front of the arguments, and the one that ends the list. */
	field = event->fields = kcalloc(event->nr_args + 3, sizeof(*field), GFP_KERNEL);
	if (!field)
		return -ENOMEM;
	add_field(&field, "unsigned long", event->is_return ? "__probe_func" : "__probe_ip",
		  sizeof(long), 0, &end);
	if (event->is_return)
		add_field(&field, "unsigned long", "__probe_ret_ip", sizeof(long), 0, &end);
	for (unsigned int i = 0; i < event->nr_args; i++) {
		struct probe_arg *arg = &event->args[i];

		arg->offset = (u16)add_field(&field, arg->type->field, arg->name, arg->type->size,
					     arg->count, &end);
		field[-1].is_signed = arg->type->print == PRINT_SIGNED;
		field[-1].dynamic = probe_arg_is_text(arg);
		event->has_text |= probe_arg_is_text(arg);
	}
	event->head_size = ALIGN_UP(end, 4);
	return event->head_size > RB_MAX_PAYLOAD / 2 ? -E2BIG : 0;
}

static void free_call(struct trace_event_call *call)
{
	probe_event_free(container_of(call, struct probe_event, call));
}

void probe_event_init(struct probe_event *event)
{
	struct tracepoint *tp = event->call.tp;

	event->class = (struct trace_event_class){
		.system = event->group, .fields = event->fields, .print_fmt = event->print_fmt,
		.probe = (void *)&plain_probe, .checked_probe = (void *)&checked_probe,
		.text = probe_event_text, .size = event->head_size,
		.reg = reg, .wait_until_left = wait_until_left,
	};
	event->call = (struct trace_event_call){
		.class = &event->class, .name = event->name, .tp = tp, .free = free_call,
	};
}

void probe_event_free(struct probe_event *event)
{
	for (unsigned int i = 0; i < event->nr_args; i++)
		kfree(event->args[i].string);
	kfree(event->args);
	kfree(event->fields);
	kfree(event->print_fmt);
	kfree(event->function);
	kfree(event);
}
