/* SPDX-License-Identifier: MIT */
/*
 * Events: what a TRACE_EVENT() becomes, and how events are found and switched. An event's record
 * begins with a struct trace_entry, whose type is the event's number (its id in tracefs).
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/sched/current.h"
#include "kernel/tracepoint.h"
#include "trace/events/filter.h"
#include "trace/events/trigger.h"
#include "trace/output/trace.h"
#include "trace/output/trace_event.h"
#include "trace/output/trace_event_type.h"
#include "trace/ring_buffer/ring_buffer_write.h"

struct seq_file;

/*
 * A field, as the description says it, in the order of the record. Where it lies is computed: each
 * is aligned as a member of a structure is. Of a field of variable length the record has a word:
 * its offset in the low half and its length in the high half.
 */
struct trace_event_field {
	const char *type, *name;
	u16 size, align;
	u16 len;			/* of an array; 0 if it is none */
	bool is_signed;
	bool dynamic;			/* of variable length */
};

struct trace_event_file;

/* What the events of one DECLARE_EVENT_CLASS() share. */
struct trace_event_class {
	const char *system;
	const struct trace_event_field *fields;	/* ends with a NULL name */
	const char *print_fmt;
	void *probe;			/* records the event; its data is its trace_event_file */
	void *checked_probe;		/* the same, if there is more to look at than `enabled` */
	void (*text)(struct trace_seq *s, const struct trace_iterator *iter);
	unsigned int size;		/* the least size of a record */
	/*
	 * Of events that are no tracepoint's own; or NULL. reg: let @probe, one of the two above,
	 * record the event in place of file->probe; either may be NULL. Returns 0, and then nobody
	 * is in the one before any more; or an error, with nothing changed. May sleep.
	 * wait_until_left: wait until no thread is inside a probe that it entered before.
	 */
	int (*reg)(struct trace_event_file *file, void *probe);
	void (*wait_until_left)(const struct trace_event_file *file);
};

struct trace_event_call;

/* An event in a trace instance. */
struct trace_event_file {
	struct trace_event_call *call;
	struct trace_event_file *next;	/* the same event in another instance */
	struct trace_array *tr;
	u16 type;
	bool enabled;			/* it is recorded; triggers change this in any context */
	unsigned int soft_users;	/* triggers that it has, or that may switch it */
	void *probe;			/* the one that is registered; NULL: none */
	struct event_filter *filter;	/* records that it refuses are not kept; NULL: none */
	struct event_filter *only_filter;	/* the same if nothing else is to be checked */
	u16 other_pid;			/* where its record names another thread; 0: nowhere */
	const struct hist *only_hist;	/* it counts here, and nothing else is to be done */
	struct event_trigger *triggers;		/* the latest first */
	struct inode *dir;			/* its directory in tracefs */
};

struct trace_event_call {
	const struct trace_event_class *class;
	const char *name;
	struct tracepoint *tp;		/* may be NULL if the class has reg() */
	/* Called when nothing prints its records any more; NULL: it goes with its memory. */
	void (*free)(struct trace_event_call *call);
	struct trace_event_type output;
	struct trace_event_file file;	/* in global_trace; those in other instances follow it */
	struct trace_event_call *next;
};

/* Make all events of the kernel known. Called at boot, once, in thread context. */
void trace_events_init(void);

/*
 * Serialises changes of events: their list, switches, filters and triggers. Taken before
 * trace_types_lock. Whoever walks events with trace_event_next() holds it.
 */
extern struct mutex event_mutex;
/* Returns the event behind @call in the order of their systems and names; the first for NULL. */
struct trace_event_call *trace_event_next(const struct trace_event_call *call);
/* The event in @tr. NULL: @tr has only some systems, and not this one. event_mutex is held. */
struct trace_event_file *trace_event_file_of(struct trace_event_call *call,
					     const struct trace_array *tr);
/* For the event in each instance. event_mutex is held, or the event has a probe registered. */
#define for_each_event_file(pos, event) \
	for ((pos) = &(event)->file; (pos); (pos) = smp_load_acquire(&(pos)->next))
/*
 * The event has come or goes: in each instance but global_trace it gets, or loses, a file. add: 0
 * or -ENOMEM, and then some have one. It is off, and has no trigger. event_mutex is held.
 */
int trace_event_add_files(struct trace_event_call *call);
void trace_event_remove_files(struct trace_event_call *call);
/*
 * The instance @tr has come, and gets the events: 0, or -ENOMEM with nothing changed. It is to go:
 * stop removes its triggers and filters and switches its events off, and returns 0 or the error for
 * which some are still on; after that remove takes the events from it. event_mutex is held.
 */
int trace_events_add_instance(struct trace_array *tr);
int trace_events_stop_instance(struct trace_array *tr);
void trace_events_remove_instance(struct trace_array *tr);
/*
 * An event that comes while the kernel runs; and one that goes, which is off and has no trigger.
 * add: 0, -EEXIST if there is one of these names, -ENOSPC, or -ENOMEM. remove: 0, or -EBUSY; its
 * records are still printed until call->free() is called. Without free() they no longer are, and
 * the event's memory may go. May sleep. event_mutex is held.
 */
int trace_event_add_call(struct trace_event_call *call);
int trace_event_remove_call(struct trace_event_call *call);
/*
 * Is it switched on in any instance, or does a trigger have to do with it? event_mutex is held.
 */
bool trace_event_in_use(const struct trace_event_call *call);
/*
 * Told of each event that has come, and of each that goes, once for each instance: tracefs has
 * files for them. added() returns 0 or an error. event_mutex is held.
 */
struct trace_events_watcher {
	int (*added)(struct trace_event_file *file);
	void (*removed)(struct trace_event_file *file);
};
extern const struct trace_events_watcher *trace_events_watcher;
/* Wait until no thread is inside a probe of the event that it entered before. May sleep. */
void trace_event_wait_until_left(const struct trace_event_file *file);

/* Returns the event with this number, or NULL. */
struct trace_event_call *trace_event_find(unsigned int type);
/* Returns the event of exactly these names in @tr, or NULL. */
struct trace_event_file *trace_event_by_name(const struct trace_array *tr, const char *system,
					     const char *event);
/* Switch an event on or off. 0, or an error of tracepoint_probe_register(). event_mutex is held. */
int trace_event_enable(struct trace_event_file *file, bool on);
/*
 * Register the probe that the event now needs, in place of another one. 0, or an error, and then
 * the one before stays. event_mutex is held.
 */
int trace_event_update(struct trace_event_file *file);
/*
 * event_pids.c. The list of threads of @tr is there now, or no longer: 0, or the first error, and
 * then the others look at it all the same. event_mutex is held. other_pid: where a record has the
 * number of another thread that it concerns; 0: nowhere. is_ignored: is the event one of threads
 * that are left out? @entry may be NULL; any context.
 */
int trace_events_pids_changed(struct trace_array *tr);
u16 trace_event_other_pid(const struct trace_event_call *call);
bool trace_event_is_ignored(const struct trace_event_file *file, const void *entry);
/*
 * Switch all events that match on or off in @tr: @system and @event are globs; NULL matches
 * everything. If @either is true, @event may be the name of the system as well. Returns 0; -EINVAL
 * if no event matches; or the first error, and then the others are switched all the same. Takes
 * event_mutex.
 */
int trace_events_enable(struct trace_array *tr, const char *system, const char *event, bool either,
			bool on);
/*
 * What people write into set_event: [!]SYSTEM:EVENT, SYSTEM:, :EVENT, or one name that is a
 * system's or an event's. Errors as above.
 */
int trace_events_set(struct trace_array *tr, const char *word);
/*
 * What the boot parameter trace_trigger says: EVENT.TRIGGER, for each event of that name. 0 or the
 * first error; -EINVAL if there is no such event. Takes event_mutex.
 */
int trace_events_boot_trigger(const char *word);
/* Is there an event that a [SYSTEM:]EVENT, without `!`, names? Takes event_mutex. */
bool trace_events_named(const char *name);
/* For global_trace: note which events are on, and switch all back to that: 0 or the first error. */
struct trace_events_saved {
	u32 on[TRACE_EVENT_TYPES / 32];
};
void trace_events_save(struct trace_events_saved *saved);
int trace_events_restore(const struct trace_events_saved *saved);
/* '1' if the events of @system (NULL: all) are on, '0': none, 'X': some. Takes event_mutex. */
char trace_events_state(const struct trace_array *tr, const char *system);

/*
 * What people write into a file `filter`: an expression for the records to be kept, or "0" for all.
 * The filter of a system is set for each of its events that have the fields. Returns 0; -EINVAL
 * with *@error filled in; -ENOMEM, or an error of tracepoint_probe_replace(). Then every filter is
 * as before, or with one of a system, some events have the new one.
 */
int trace_event_set_filter(struct trace_event_file *file, const char *text,
			   struct filter_error *error);
int trace_system_set_filter(struct trace_array *tr, const char *system, const char *text,
			    struct filter_error *error);
/* Write the text that was set last, or what stands for none. event_mutex is held. */
void trace_event_show_filter(struct seq_file *m, const struct trace_event_file *file);
void trace_system_show_filter(struct seq_file *m, struct trace_array *tr, const char *system);
/* The system's last event has gone, or with NULL all have. event_mutex is held. */
void trace_system_forget_filter(struct trace_array *tr, const char *system);

/* The text of the file `format`. */
void trace_event_show_format(struct seq_file *m, const struct trace_event_call *call);

/* --- What the functions that TRACE_EVENT() makes call --- */

struct trace_event_buffer {
	struct trace_event_file *file;
	unsigned int words;		/* 0: reserved by ring_buffer_lock_reserve() */
	struct ring_buffer_writer writer;
};
/*
 * Reserve a record of @len bytes, of which the head is filled in. Returns it, or NULL if recording
 * is off or there is no room. A commit follows. Any context, untraced.
 */
void *trace_event_buffer_reserve(struct trace_event_buffer *buffer, struct trace_event_file *file,
				 unsigned long len);
void trace_event_buffer_commit(const struct trace_event_buffer *buffer);

/*
 * The same in the common case, for a record whose @len bytes the compiler knows. Returns false, and
 * nothing has happened, if only the two above can do it. Otherwise the record is at
 * writer->event->array, with its head filled in, and ring_buffer_commit_fast() follows.
 */
static __always_inline bool trace_event_reserve_fast(const struct trace_event_file *file,
						     unsigned long len,
						     struct ring_buffer_writer *writer)
{
	const struct trace_array *tr = file->tr;

	/* An option may be set just now: then this event has no stack, or already one. */
	if (unlikely(data_race(tr->trace_flags) & TRACE_ITER_STACKTRACE) ||
	    unlikely(!ring_buffer_reserve_fast(tr->buffer, len, writer)))
		return false;
	trace_entry_init_task((struct trace_entry *)writer->event->array, file->type,
			      trace_ctx_of(writer->task, writer->preempt_count), writer->task);
	return true;
}

/*
 * Probes that check an event before it is kept make its record outside of the ring buffer: what is
 * refused leaves no trace there, and costs no reservation. begin returns room for a record of @len
 * bytes, of which the head is filled in; NULL if no record can be so long, and then end counts it
 * as dropped. Between the two preemption is off. Any context, untraced.
 */
int trace_event_rooms_alloc(void);	/* before the first such probe: 0 or -ENOMEM */
void *trace_event_check_begin(const struct trace_event_file *file, unsigned long len);
void trace_event_check_end(struct trace_event_file *file, const void *entry, unsigned long len);

/*
 * The same for a record whose @len bytes the compiler knows, in room that the caller has.
 * Preemption stays on in the common case: a filter is all that is to be checked, and does not ask
 * for the CPU. If end_fast returns false, nothing has happened, and end_short does it.
 */
static __always_inline void *trace_event_check_begin_short(const struct trace_event_file *file,
							   u32 *words, unsigned long len)
{
	struct trace_entry *entry = (void *)words;

	words[(len - 1) / 4] = 0;
	trace_entry_init(entry, file->type, trace_gen_ctx());
	return entry;
}

static __always_inline bool trace_event_check_end_fast(const struct trace_event_file *file,
						       const u32 *words, unsigned long len)
{
	const struct event_filter *filter = READ_ONCE(file->only_filter);
	const struct trace_array *tr = file->tr;
	struct ring_buffer_writer writer;

	if (unlikely(!filter))
		return false;
	if (!event_filter_match(filter, words))
		return true;
	/* An option may be set just now: then this event has no stack, or already one. */
	if (unlikely(data_race(tr->trace_flags) & TRACE_ITER_STACKTRACE) ||
	    unlikely(!ring_buffer_reserve_fast(tr->buffer, len, &writer)))
		return false;
	/* Word by word, and not in a loop, which costs more than the words do. */
#pragma GCC unroll 32
	for (unsigned int i = 0; i < (len + 3) / 4; i++)
		writer.event->array[i] = words[i];
	ring_buffer_commit_fast(&writer, len);
	return true;
}

void trace_event_check_end_short(struct trace_event_file *file, const u32 *words,
				 unsigned long len);

struct trace_print_flags {
	unsigned long mask;
	const char *name;
};
/*
 * These append text to @p and return where it begins: the names of the bits that are set in @flags,
 * with @delim in between, and the rest in hex; the name of a value; @len bytes in hex; an array of
 * @count numbers of @el_size bytes. Untraced.
 */
const char *trace_print_flags_seq(struct trace_seq *p, const char *delim, unsigned long flags,
				  const struct trace_print_flags *names);
const char *trace_print_symbols_seq(struct trace_seq *p, unsigned long value,
				    const struct trace_print_flags *names);
const char *trace_print_hex_seq(struct trace_seq *p, const unsigned char *buf, int len);
const char *trace_print_array_seq(struct trace_seq *p, const void *buf, int count, size_t el_size);
/* Bytes for the text that those make in one line. */
#define TRACE_EVENT_TEXT 512
